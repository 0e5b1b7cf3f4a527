"""Loading, cutting and embedding on a Ray cluster, stored by one writer.

Three kinds of processes take part. The *writer* is the command that the user started: it reads
files, sends their bytes, and stores what comes back, exactly as it stores what it did itself. The
*driver* (`index.ray_loading.driver`) is its child and the only one here that speaks to Ray: should
Ray end it, and Ray does end drivers, the writer says so and stands. The *workers*
(`index.ray_loading.worker`) are Ray's actors, on whatever machine.
"""
