"""Sound and video, opened in processes of their own by FFmpeg's libraries (PyAV).

FFmpeg parses what strangers wrote, so nothing here runs in the application: `__main__` is a script that knows nothing
of it, gets open files, and has limits. Only `formats` is read by both sides.
"""
