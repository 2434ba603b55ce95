"""微信客服 (kf): parents who write from personal WeChat. Wakes up, pulls, answers; never writes first."""
