"""Full names of persons; a surname with a title (王老师, 李校长) is no full name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from handlers.complaints.language.numbers import NAME, Found
from handlers.complaints.language.simplified import simplify

_DOUBLE = [
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "司徒",
    "夏侯",
    "长孙",
    "宇文",
    "端木",
    "南宫",
    "百里",
    "东郭",
    "西门",
    "独孤",
    "轩辕",
    "呼延",
    "闻人",
    "澹台",
    "公冶",
    "申屠",
    "太史",
    "钟离",
]
_SINGLE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛"
    "闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申"
    "欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成"
    "苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党"
    "宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官"
    "封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖"
    "漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆"
    "茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由"
)
# Characters that given names are made of.
_GIVEN = frozenset(
    "建国军明华伟芳娜秀英敏静丽强磊洋艳勇杰娟涛超霞平刚桂梓涵子轩雨欣浩然思彤一鸣宇航可佳怡晨皓诗琪梦瑶俊"
    "豪博文昊天心妍紫萱雅婷语嫣若曦嘉怡诺依然墨辰奕泽瑞霖泽宇睿琳悦馨颖晓红春兰玉梅珍凤霞淑兰德福贵富发财"
    "旺兴"
    "盛昌隆宝金银根生树林森海江河波涛清源润泉云飞鹏龙虎豹鹤雄雪冰霜露雷电星月阳光辉煌亮灿烂宏志远毅恒坚定"
    "忠诚信义仁礼智勇孝廉美善良真纯洁贤惠慧娴婉柔温顺琴瑟棋书画诗词歌舞艺文章学博才俊彦英杰豪壮健康宁安乐"
    "喜庆祥瑞"
    "吉利顺达通畅顺和谐合同心东南西北中方圆正直公平允立成功胜利荣耀光华彩虹霓裳莲荷菊竹松柏桃李杏梨花草芝"
    "蕙芸薇蔷芷若茜莹莉莎蓉蕾萍菲蔓苗苏荣蓝茵芬芹芮桐楠杨柳槿柯栋梁桦枫棠楷"
    "志刚宏伟新民爱国庆跃进援朝卫红抗美学军向东卫东永强永刚长江长海大山大海大伟小明小红小芳小丽小龙小军小"
    "刚小燕小梅小英阿妹喜顺来运腾达鑫森淼焱垚锋钢铁铭钰锦锐钧铮镇铎银鉴铃琦琪瑶瑾瑜璇玥玲珊珠珍琬琰珂珈玮"
    "璐璟瑄瑗"
    "婧妍姝娅娆婵嫦妙妤妮娇媛媚嫒姗姿婕婉嫣仪俪倩伶佩俐依侠仙伊代仕任伯仲叔季孟伦偲傲佑佐佑佟俞修凡凯凌凝"
    "卓博厚原友启哲唯喆嘉圣坤城培基墨奇奕妙子存孜宁宇安宏宗定宜宝实宣家容宸宽宾富寒尊小少尚岚岩岭岳峰峻崇"
    "川州工左巧帅帆师希常干广庆应康廷建弘弛张弦强彤"
    "彦彩彬彰影彻征微德心志忆忠怀思恋恒恩恬恺悠悦悟情惟惜惠愉愿慈慕懿成戈战扬承抒拓振捷接撷政敏敬文斌斐斯"
    "方施旋旖无日旦旭时昀昂昆昊昌明易昕星春昭是昱晋晏晔晓晖晗晟晨普景晴晶智暄暖暮曼曜曦月有朋朔朗望朝木本"
    "朴权材杉来松板极林果枝枫柏柔柯柳标"
    "栋树校桂桃桐桦梅梓梦梧森楚楠榕槐樱歆正步武毅民永求汉江汐汝池沁沂沅沐沙沛河治泉波泰洁洋洛津洲流浚浦浩"
    "海涓涛润涵淇淑淳深淼清渊渝温湘源溪滢滨漪漫潇潮澄澈澜濡瀚灵炎炜炫烁烨焕焱然煊煜照熙熠燕爱爽牧特琛玄率"
    "玉王玖玟现珏珑琅理琳琼瑛"
    "瑾璋璞瓒生用田甜男界略白皎益盈盛真知石砚硕碧磊礼祎祖祥祯祺福禄禾秀秋科程稷穆空立竞章端笑笛筠筱简籽精"
    "素紫红纯纳纪纶练细绍经绚绣继绮维绿缘翊翎翔翠翰耀耘聪肖育胜能腾自臻舒航良艺艾芃芊芙花芳苑英茂茗莘莞菀"
    "菁萌萧葵蓓蔚蕊薇藤虹蝶融行裕西言让诗诚语诺谊谦贝贞财贤赋超越足跃路轩轶辉辰达过运近远"
    "连逊逍逸道邦郁都酉里重野金鑫钊钦锐锦镜长门闻阔阳雁集雅雨雪雯雷霁霄霆震霞霖青静非韵音顺颂颖颜风飒飞馥"
    "馨驰骁骏骞高魁鲁鸣鸿鹏鹤鹭麒麟黎默齐龙欧若贵芝翠桃桂香菊腊娣招弟妞娃根栓柱锁狗蛋良"
)
# Pairs that look like a surname and a given name and are words.
_WORDS = re.compile(
    r"^(?:艾特|高[一二三中年考分级大低年]|初[一二三中]|安全|方便|方案|方面|方式|时[间候]|成[绩功长]|和平|文明"
    r"|文件|全[部体区家班校]|平[时均安板]|万一|于是|任[务何教课]|金[额钱花太]|白天|明[天年明显]|边上"
    r"|路[上边口]|房[间子产]|管[理教他她不]|费用"
    r"|连[续着]|应该|常[常见]|都[是有要在没]|那[个些么里边天]|国[家庆旗]|来[了到自的]"
    r"|公[布示开交平办立司安园]|计[划算]|门[口卫]|花[园了钱]|班[主级费里上长]|原[来因]|普[通惠]|相[关信]"
    r"|车[辆上位]|石桥|柳林|青山|东湖|向[我他她学老教]|从[来]|由于|但是|居[民住然]|支[付持教]"
    r"|利用|强[制调烈行迫]|信[息任访]|展[示开]|权[利益]|海[报]|司机|古诗|解[决释]|简[单直]|关[于系闭]"
    r"|查[看处一]|项[目]|单[独位元]|包[括含]|毕业|商[店量]|师[德资傅范生]|卫生|乐[意]|计算|严[重禁格查肃]"
    r"|温[度馨]|常委|宣[传布]|曾经|向上|田径|许[多可]|何[时况必]|易[燃]|华[为]|施[工]|余[下]|游[戏泳]"
    r"|满[意]|盘[子]"
    r"|武[术]|党[员委支]|符合|章[程]|左右|甘[愿]|习惯|尤其|冷[暴静]|危险|马[上路]|张[贴口]|黄[色]"
    r"|周[一二三四五六日末围边五]|江[边]|金属|宁[可愿]|童[年话]|景[区]|储[物]|林[业]|石[头]|云[南]|李[子]"
    r"|杨[树]|胡[乱说]|康[复]|乔[迁]|强奸|孙[子女]|孙孙|梅[花]|季[度节]|苗[族]|米[饭]|豆[浆]|羊[肉]"
    r"|牛[奶肉]|马[桶]|鲜[奶]|皮[肤]|路费|钱[款包]|水[费]"
    r"|学[生校]|家[长]|农[村业历]|郎[朗]|封[闭]|谈[话心]|位[老同]|练[习]|区[教里]|钟[头]|段[时]|祖[国父]"
    r"|干[什净部]|阳[光台]|凌[晨]|童[装]|官[方]|印[发章]|智[慧]|平台|荣[誉]|丰[富]|元[旦]|尚[未]|相[互]"
    r"|纪[律委检]|文[具化艺]|成[员立为]|黑[板]|左[边]|路线|程[序度]|白[色板]|广[播]|向[局]|时常|万[元块]"
    r"|都[不会能可把被给叫让]|和[我他她同老校学家孩])"
)
_STOP_CHARS = frozenset(
    "的了在是就都也又还没不要会能把被给让叫到去来从和与跟说哭打骂上下里外前后年日号点们这那个二三四五六七"
    "八九十班级校长师孩我你他她它什么怎有无吗呢吧啊"
    "老教室儿女妈爸爷奶昨现已经才刚很太多少再只但因为所以如果每次总常自己放课作业电话住您请向对于以及或者读"
)
_TITLE = (
    r"(?:老师|校长|主任|园长|书记|局长|科长|股长|同志|师傅|教练|医生|阿姨|叔叔|先生|女士|院长|组长|教官"
    r"|经理|老板|总|某)"
)
_CLASSY = (
    r"(?:培训|课堂|机构|学校|公司|书法|小区|超市|幼儿园|小学|中学|书店|餐饮|食堂|花园|村|镇|乡|路|街"
    r"|大酒店|教育|文具|广场|画室|艺术|舞蹈|托管|平台|软件|app|系统|项目|计划|工程)"
)
_SAID = re.compile(
    r"(?:我叫|名叫|姓名|名字叫?|叫做|他叫|她叫|孩子叫|娃叫|儿子叫|女儿叫|(?:学生|同学|老师|老板|负责人"
    r"|校长|男孩|女孩|孙子|孙女|闺女|[弟妹哥姐]弟?妹?|妈妈|爸爸|家长|司机|保安|的人|个)叫|联系人|户主|署名"
    r"|落款|本人姓名|监护人|法人|举报人|投诉人|反映人|当事人|被举报人|法定代表人|收款人|持卡人|开户名|户名"
    r"|申请人|姓名是)"
    r"(?:姓名)?(?:是|为|:|：|\s|,|，|、|叫){0,3}"
)
_KIN = re.compile(
    r"(?:我(?:家)?(?:的)?(?:孩子|儿子|女儿|闺女|孙子|孙女|外孙女?|侄子|侄女|弟弟|妹妹|娃|小孩|老公|爱人"
    r"|妻子|老婆|丈夫|父亲|母亲|妈妈|爸爸)|孩子|我家[孩娃]子?|学生|同学|同桌|家长"
    r"|(?:[语数外英体音美科]{1,2}[文学语育乐术])?老师|班主任|教师|校长|园长|主任|司机|保安|厨师|局长|科长"
    r"|教练|教官|书记|我是|本人|我们班的?|[班级]的|班里的?|\d班|[一二三四五六七八九十]班|叫|请问|举报|投诉"
    r"|被|让|问|找|跟|和|与|有个|小朋友|男生|女生|男孩|女孩|邻居|老板|户主|妈妈|爸爸|奶奶|爷爷)"
    r"(?:是|:|：|,|，|、|\s){0,2}$"
)
_STRONG_KIN = re.compile(
    r"(?:孩子|儿子|女儿|闺女|孙子|孙女|学生|同学|同桌|老师|班主任|教师|校长|园长|家长|司机|我是|本人|男生"
    r"|女生|户主|侄女|侄子|妹妹|弟弟|小朋友|班的)(?:是|:|：)?$"
)
_AFTER = re.compile(
    r"(?:老师|同学|小朋友|校长|园长|主任|教练|家长|的?(?:妈妈?|爸爸?|母亲|父亲|奶奶|爷爷|家长|姑姑|外婆"
    r"|外公|监护人|转学|学籍|成绩|名字|同桌|爱人|电话|手机|班主任|事|申请|补助)|女士|先生"
    r"|[（(,，。.;；:：!！?？、\s]|$|是|被|在|把|和|跟|与|的|说|今|昨|今年|就读|读|上|从|向|打|骂|因|没|又"
    r"|已|也|于|天天|每天|总|经常|家|给|到|还|不|有|就|现|这|要|让|等|二人|两人|一家|都|，|1\d{10})"
)
_JOINED = re.compile("[和与跟、及]")
_GOES_ON = re.compile(
    r"天天|每天|经常|总是|一直|长期|在|打|骂|把|今|昨|又|说|让|和|与|还|也|从|向|因|收|上课|,|，|老师|同学"
    r"|的?(?:妈妈|爸爸|家长)|[（(。.;；:：!！?？、\s]|$|被"
)
# Of so many names the repetitions are looked for, to bound the time.
_REPEATED = 40
_UIGHUR = re.compile(r"[一-龥]{2,8}[·•・‧][一-龥]{2,8}")


def find_names(text: str) -> Iterator[Found]:
    """Yield the places of full names, then every other place where one of them is said again."""
    plain = simplify(text)
    found: dict[tuple[int, int], None] = {}
    taken: set[int] = set()
    for start, end in chain(_announced(plain), _in_place(plain)):
        if taken.isdisjoint(range(start, end)):
            found[start, end] = None
            taken.update(range(start, end))
    for start, end in list(found):
        yield start, end, NAME
        # 张伟和李娜: who is named beside a person is one.
        while (joined := _JOINED.match(plain, end)) and (surname := _surname(plain, joined.end())) is not None:
            after = _given(plain, joined.end(), surname, is_announced=True)
            if after is None:
                break
            yield joined.end(), after, NAME
            end = after
    for name in sorted({text[start:end] for start, end in found}, key=len, reverse=True)[:_REPEATED]:
        for again in re.finditer(re.escape(name), text):
            yield (*again.span(), NAME)


def _announced(text: str) -> Iterator[tuple[int, int]]:
    """Yield names after words that announce one: 孩子叫, 联系人, 姓名:."""
    for said in _SAID.finditer(text):
        start = said.end()
        end = _surname(text, start)
        foreign = _UIGHUR.match(text, start)
        if foreign:
            yield foreign.span()
        elif end is not None and (stop := _given(text, start, end, is_announced=True)) is not None:
            yield start, stop
        elif spaced := re.match(r"[一-龥] [一-龥](?: [一-龥])?(?![一-龥])", text[start : start + 8]):
            yield start, start + spaced.end()


def _in_place(text: str) -> Iterator[tuple[int, int]]:
    """Yield names that stand where a person is spoken of."""
    at = 0
    while at < len(text):
        end = _surname(text, at)
        stop = _given(text, at, end, is_announced=False) if end is not None else None
        if stop is not None:
            yield at, stop
            at = stop
        else:
            at += 1


def _surname(text: str, start: int) -> int | None:
    if text[start : start + 2] in _DOUBLE:
        return start + 2
    return start + 1 if text[start : start + 1] in _SURNAMES else None


_SURNAMES = frozenset(_SINGLE)
# Surnames that are everyday words too: without an announcement they need a person's word before them.
_COMMON = frozenset(_SINGLE[:190]) - frozenset("于万方文安成任常时向龙石白严华季高全关易符史包平左单温付莫武江金章游")


def _given(text: str, start: int, end: int, *, is_announced: bool) -> int | None:
    """Return where the name ends that begins with a surname at start:end; None if it is no full name."""
    rest = text[end : end + 3]
    if re.match(_TITLE, rest) or _WORDS.match(text[start : start + 2]):
        return None
    before = text[max(0, start - 12) : start]
    for size in (2, 1):
        given = text[end : end + size]
        if len(given) < size or not re.fullmatch("[一-龥]+", given) or re.match(_CLASSY, text[end : end + 4]):
            continue
        if re.match(_CLASSY, text[end + size : end + size + 4]) or re.search(_TITLE, given):
            continue
        if _holds(given, text[end + size : end + size + 12], before, text[start:end], is_announced):
            return end + size
    return None


def _holds(given: str, after: str, before: str, surname: str, is_announced: bool) -> bool:
    """Whether the characters behind a surname are a given name, by what they are and what stands around them."""
    followed = bool(_AFTER.match(after))
    usual = all(char in _GIVEN for char in given)
    odd = any(char in _STOP_CHARS for char in given)
    if is_announced:
        return (followed and (usual or not odd)) or (len(given) == 2 and usual)
    if not usual or odd or not followed:
        return False
    person = bool(_KIN.search(before)) or bool(
        re.match(r"(?:老师|同学|小朋友|校长|女士|先生|的?(?:妈妈|爸爸|家长|奶奶|爷爷))", after)
    )
    opens = not before or not re.search("[一-龥]$", before)
    if len(given) == 2:
        return (person or opens) and (surname in _COMMON or len(surname) == 2 or bool(_STRONG_KIN.search(before)))
    if surname not in _COMMON:
        return False
    if _STRONG_KIN.search(before):
        return bool(_GOES_ON.match(after))
    titled = bool(re.match("老师|同学|的?(?:妈妈|爸爸|家长)", after))
    return titled or (opens and bool(re.search(r"1\d{10}[,，。.\s]{0,2}$", before)))
