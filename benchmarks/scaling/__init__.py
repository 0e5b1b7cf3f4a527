"""What a library costs by its size: measured, extrapolated, and put into docs/scale.md."""
