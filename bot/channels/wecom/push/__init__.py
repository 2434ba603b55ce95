"""The group webhook (消息推送, formerly 群机器人): pushes into one group, hears nothing."""
