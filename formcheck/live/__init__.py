"""Live: a camera, a file or a stream in; what to do next, spoken and drawn, out."""
