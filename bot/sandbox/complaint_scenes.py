"""The guided scenes about complaints: a parent's own words, danger, and what does not belong into a group.

Each play looks after what must not be seen: it fails if the bot shows words of a complaint where they have no place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle

from bot.sandbox.actors import Actors, SceneError, words_of
from bot.sandbox.entities import Entry
from bot.sandbox.stage import Scene, Step

SCHOOL = "S13"
GROUP = "C-B08"
PRINCIPAL = "p-s13-1"
SPEAKER = "p-s13-2"
CLERK = "p-b01-2"
DUTY = ("p-b08-1", "p-b01-1", "p-l4")
PARENT = "糖糖妈妈"
WORRIED = "小雨爸爸"

DANGER = "孩子在学校厕所被几个高年级的围着打，有人手里还拿着刀，快来救人"
ASIDE = "我要投诉：我们学校食堂招标不公开，饭菜又贵又差"

_NUMBER = re.compile(r"\S+?〔\d{4}〕0*(?P<serial>\d+)号")
# So many signs in a row are a quotation; fewer may be a topic (食堂).
_QUOTED = 6


@dataclass(frozen=True, slots=True)
class Story:
    """What a parent tells, and answers when asked for the time and the wish."""

    told: str
    when: str
    wish: str


# The bot does not read back what another parent has said in the same words: one play after the other tells another.
STORIES = (
    Story("孩子学校食堂的饭菜老是凉的，里面还吃出过虫子", "昨天中午", "希望换一家供餐公司"),
    Story("老师让每个学生交一百八十元买练习册，不买的要点名", "上周五", "把钱退给家长"),
    Story("校车经常超员，三个孩子挤两个座位", "这周一早上", "增加一趟车"),
    Story("班主任在校外租房子收费补课，课上不讲完", "这学期开学以后", "请查清楚，停止补课"),
    Story("校门口晚上没有路灯，孩子放学摸黑走", "上个月起", "请尽快装上路灯"),
    Story("课后服务收了钱却没有老师管，孩子们自己在教室里闹", "前天下午", "安排老师看护"),
)


def complaint_scenes(actors: Actors) -> list[Scene]:
    """Return the scenes that the platform's people can play: none if somebody is missing."""
    platform = actors.platform
    people = (PRINCIPAL, SPEAKER, CLERK, *DUTY)
    has_all = platform.kf and GROUP in platform.chats and all(platform.member(one) for one in people)
    return [_complaint(actors), _danger(actors), _aside(actors)] if has_all else []


def _complaint(actors: Actors) -> Scene:
    intro = "家长扫学校的码，用自己的话说事；办公室先只看到编号和类别，受理后家长马上知道。"
    scene = Scene("complaint", "家长投诉 → 回执 → 受理告知", intro, "", [])
    stories = cycle(STORIES)

    def prepare() -> None:
        _invite(actors, scene, PARENT)
        scene.steps = _complaint_steps(actors, scene, next(stories))

    scene.prepare = prepare
    scene.steps = _complaint_steps(actors, scene, STORIES[0])
    return scene


def _complaint_steps(actors: Actors, scene: Scene, story: Story) -> list[Step]:
    office = actors.private_chat(CLERK)
    return [
        Step("家长扫学校门口的码，小督先说自己是谁", lambda: _enter(actors, scene, PARENT)),
        Step(f"家长写：“{story.told}”", lambda: actors.write(PARENT, story.told)),
        Step("先看告知：谁能看、怎么保密；还没有登记", lambda: actors.hear(scene.chat, "同意")),
        Step("家长点“同意”，小督只问还缺的：什么时候", lambda: _tap(actors, scene, "同意", "什么时候")),
        Step(f"家长答“{story.when}”，小督再问怎么处理", lambda: _answer(actors, scene, story.when, "怎么处理")),
        Step("家长答完，小督念一遍请家长核对", lambda: _answer(actors, scene, story.wish, "请核对")),
        Step("家长点“确认”，拿到编号和查询码", lambda: _tap(actors, scene, "确认", "查询码")),
        Step("经办人只收到编号和类别，没有内容", lambda: _told(actors, scene, CLERK, story.told), office),
        Step("经办人私聊回复“办理 编号”，才看到原文", lambda: _open(actors, scene, CLERK, story.told), office),
        Step("后面跟着一张卡片，写着现在能做什么", lambda: actors.see_button(CLERK, "受理"), office),
        Step("经办人按“受理”：受理由人决定", lambda: _accept(actors), office),
        Step("家长收到受理告知：何时答复、怎么查", lambda: actors.hear(scene.chat, "受理告知")),
    ]


def _danger(actors: Actors) -> Scene:
    intro = "说到正在发生的危险：先叫人打110、120、119，当场登记，值班人员马上知道，学校不知道。"
    scene = Scene("danger", "危险用语 → 先救人，再登记", intro, "", [])
    scene.prepare = lambda: _invite(actors, scene, WORRIED)
    first, second = actors.private_chat(DUTY[0]), actors.private_chat(DUTY[1])
    scene.steps = [
        Step("家长扫学校门口的码进来", lambda: _enter(actors, scene, WORRIED)),
        Step("家长写下正在发生的危险", lambda: _cry(actors, scene), looks=2),
        Step("第一行就是110、120、119；已当场登记", lambda: _first_aid(actors, scene)),
        Step("值班股长的私聊：只有编号和险情种类", lambda: _told(actors, scene, DUTY[0], DANGER), first),
        Step("办公室主任和分管副局长也同时收到", lambda: _told_others(actors, scene), second),
        Step("学校的群和私聊：什么也没有", lambda: _nothing_at_school(actors, scene), GROUP, looks=3),
        Step("值班股长回复“办理 编号”，不再重复提醒", lambda: _open(actors, scene, DUTY[0], DANGER), first),
    ]
    return scene


def _aside(actors: Actors) -> Scene:
    intro = "有人在工作群里@小督投诉：群里只有一句中性的话，内容转到私聊，办不办由本人定。"
    scene = Scene("aside", "群里的投诉 → 转到私聊", intro, GROUP, [], SPEAKER)
    private = actors.private_chat(SPEAKER)
    scene.steps = [
        Step("学校的同志在群里@小督，说了一件投诉", lambda: _say_aloud(actors, scene), looks=2),
        Step("群里只有一句中性的话，不复述内容", lambda: _neutral(actors, scene), looks=3),
        Step("私聊里说明还没登记，问要不要办", lambda: actors.hear(private), private),
        Step("本人回复“取消”，说过的内容随即删除", lambda: _cancel(actors, private), private),
    ]
    return scene


def _invite(actors: Actors, scene: Scene, nickname: str) -> None:
    """Every play is of somebody new, so that nothing of an earlier one stands in its way."""
    scene.memory.clear()
    scene.chat = actors.welcome(nickname)


def _enter(actors: Actors, scene: Scene, nickname: str) -> Entry:
    actors.scan(nickname, SCHOOL)
    return actors.hear(scene.chat, actors.platform.posters.get(SCHOOL, ""))


def _tap(actors: Actors, scene: Scene, words: str, expected: str) -> Entry:
    actors.tap(PARENT, words)
    return _noted(scene, actors.hear(scene.chat, expected))


def _answer(actors: Actors, scene: Scene, words: str, expected: str) -> Entry:
    actors.write(PARENT, words)
    return actors.hear(scene.chat, expected)


def _noted(scene: Scene, entry: Entry) -> Entry:
    """Remember the number that a receipt tells."""
    found = _NUMBER.search(entry.content)
    if found:
        number = found.group().rpartition("编号:")[2]
        scene.memory |= {"number": number, "serial": found["serial"]}
        scene.note = number
    return entry


def _told(actors: Actors, scene: Scene, userid: str, words: str) -> Entry:
    entry = actors.hear(actors.private_chat(userid), scene.memory["number"])
    _forbid([entry], words)
    return entry


def _told_others(actors: Actors, scene: Scene) -> Entry:
    head, leader = (_told(actors, scene, userid, DANGER) for userid in DUTY[1:])
    return max(head, leader, key=lambda entry: entry.revision)


def _open(actors: Actors, scene: Scene, userid: str, words: str) -> Entry:
    actors.say(userid, f"办理 {scene.memory['serial']}")
    return actors.hear(actors.private_chat(userid), words)


def _accept(actors: Actors) -> Entry:
    actors.press(CLERK, "受理")
    return actors.hear(actors.private_chat(CLERK), "已受理")


def _cry(actors: Actors, scene: Scene) -> None:
    scene.memory["since"] = actors.platform.revision
    actors.write(WORRIED, DANGER)


def _first_aid(actors: Actors, scene: Scene) -> Entry:
    entry = _noted(scene, actors.hear(scene.chat, "查询码"))
    if not all(number in entry.content.partition("\n")[0] for number in ("110", "120", "119")):
        raise SceneError("急救电话没有写在第一行")
    return entry


def _nothing_at_school(actors: Actors, scene: Scene) -> None:
    for chat in _school_chats(actors):
        said = actors.said(chat, scene.memory["since"])
        _forbid(said, DANGER)
        if any(scene.memory["number"] in words_of(entry) for entry in said):
            raise SceneError("学校不该看到这件事，这里却有编号")


def _school_chats(actors: Actors) -> Iterable[str]:
    """All groups in which somebody of the school is, and the private chats of its people."""
    people = (PRINCIPAL, SPEAKER)
    doors = (actors.platform.first_app().door, actors.platform.first_robot().door)
    groups = [chat.id for chat in actors.platform.chats.values() if set(people) & set(chat.members)]
    return [*groups, *(f"{door}|{userid}" for door in doors for userid in people)]


def _say_aloud(actors: Actors, scene: Scene) -> None:
    scene.memory["since"] = actors.platform.revision
    actors.say_in_group(GROUP, SPEAKER, ASIDE)


def _neutral(actors: Actors, scene: Scene) -> Entry:
    entry = actors.hear(GROUP)
    _forbid(actors.said(GROUP, scene.memory["since"]), ASIDE)
    return entry


def _cancel(actors: Actors, private: str) -> Entry:
    actors.say(SPEAKER, "取消")
    return actors.hear(private, "已取消")


def _forbid(entries: Iterable[Entry], words: str) -> None:
    """Fail if a message quotes the words. Raises SceneError."""
    pieces = {words[at : at + _QUOTED] for at in range(len(words) - _QUOTED + 1)}
    if any(piece in words_of(entry) for entry in entries for piece in pieces):
        raise SceneError("这里不该出现投诉的内容")
