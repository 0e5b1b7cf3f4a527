"""What requests and responses look like: one model for validation, OpenAPI and the tests."""
