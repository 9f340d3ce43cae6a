"""The desk: a coach's page for a week of videos, served from this computer.

`library` keeps what is known of every set (SQLite, in the home folder), `intake` brings videos in, `crew` has them
analysed by the batch's isolated workers, `tasks` are what those workers do, `answers` turns sets into what pages show,
`server` is the application.
"""
