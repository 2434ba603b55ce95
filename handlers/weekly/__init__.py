"""Weekly supervision (周督导): who is asked about what, what came back, who is told."""
