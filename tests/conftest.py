"""Settings all tests share: hypothesis has no deadline (machines differ) and keeps no files of its own."""

from hypothesis import settings

settings.register_profile("onecard", deadline=None, database=None)
settings.load_profile("onecard")
