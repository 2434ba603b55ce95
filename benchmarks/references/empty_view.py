"""An empty Flask view, for gunicorn: reads the body, checks nothing, stores nothing, says nothing."""

from flask import Flask, request

app = Flask(__name__)


@app.post("/<path:_path>")
def empty(_path):
    """Take the body and answer 200."""
    request.get_data()
    return ""
