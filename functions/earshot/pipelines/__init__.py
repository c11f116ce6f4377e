"""Exports and frame features on Apache Beam, for more recordings than one machine works through.

The command line selects the recordings, writes them to a working folder, and starts a pipeline; the pipeline applies
the same functions as the command line does in its own process, and writes the outcomes to the working folder.

Only this package imports `apache_beam`, which is not among the extras: functions/pipelines/requirements.txt.
"""
