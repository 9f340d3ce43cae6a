"""Live: a camera, a file in real time or a stream in; what to do next, spoken and drawn, out."""
