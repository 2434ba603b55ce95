"""微信客服 in the stand-in: what customers on personal WeChat do, and the API by which the bot answers them."""
