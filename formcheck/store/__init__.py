"""The athletes' history: every set that was filmed or logged, in SQLite or PostgreSQL.

`entries` and `exercises` say what may be kept, `schema` and `migrations` how, `connect` where; `keep`, `read`,
`remove` and `transfer` are the four things done with it; `trends` and `balance` are the questions asked of it.
"""
