"""Where onecard meets the world: the pipeline, its Prefect flows and the command line."""
