"""WeCom (企业微信): one folder per door (app, robot, push), and beside them what the doors share."""
