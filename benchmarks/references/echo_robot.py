"""wecom-bot-svr (PyPI) as shipped, with a handler that echoes. The throw-away environment runs: echo_robot.py PORT"""

import logging
import os
import sys

from wecom_bot_svr import RspTextMsg, WecomBotServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)  # in its favour: it would write a line for each request


def echo(message):
    """Answer with the words that came; it stores nothing."""
    answer = RspTextMsg()
    answer.content = message.content
    return answer


server = WecomBotServer(
    "reference",
    "127.0.0.1",
    int(sys.argv[1]),
    os.environ["REFERENCE_PATH"],
    token=os.environ["REFERENCE_TOKEN"],
    aes_key=os.environ["REFERENCE_AES_KEY"],
    corp_id=os.environ["REFERENCE_RECEIVE_ID"],
)
server.set_message_handler(echo)
server.set_event_handler(echo)
server.run()
