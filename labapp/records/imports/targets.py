"""What the columns of a file can become: the fields of a kind, and the names under which files know them."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor
from labapp.db.fields import Field
from labapp.late import expression
from labapp.records.custom import fields_in
from labapp.records.describe import RecordType

OWNER = Field("owner_id", "member", _l("Owner"), target="membership")
NEVER = frozenset({"data", "related", "related_kind"})
SAME_BY = frozenset({"auto", "mobile", "email", "phone"})
ALIKE = 84
LOCALES = ("en", "zh_Hans_CN")
NOISE = expression(r"[\s*＊:：（）()\[\]【】/／_\-.,，、?？]+")
BRACKETS = expression(r"[(（\[【].*?[)）\]】]")
# Words for a field besides its labels, by column name; those of the kind itself first.
OF_KIND: Mapping[tuple[str, str], str] = {
    ("lead", "name"): "姓名 联系人 联系人姓名 线索 名称 name person contact leadname fullname",
    (
        "lead",
        "company",
    ): "公司名称 客户名称 单位 单位名称 企业名称 customer customername organisation organization",
    ("lead", "mobile"): "联系方式",
    (
        "customer",
        "name",
    ): "公司 公司名称 名称 单位 单位名称 企业名称 客户全称 company companyname account name",
    ("customer", "phone"): "联系方式 联系电话",
    ("customer", "number"): "编号 客户号 customerno customerid",
    ("contact", "name"): "姓名 联系人 联系人姓名 名称 name fullname person",
    ("contact", "customer_id"): "公司 公司名称 客户 所属客户 单位 company account companyname customername",
    ("contact", "mobile"): "联系方式",
    ("product", "name"): "名称 产品 商品名称 品名 name product item",
    (
        "product",
        "code",
    ): "产品编号 产品编码 产品代码 商品编码 编号 编码 代码 货号 型号 sku itemno productno code",
    ("product", "list_price"): "价格 单价 售价 标价 price unitprice",
    ("product", "floor_price"): "底价 最低价 minimumprice minprice",
}
OF_FIELD: Mapping[str, str] = {
    "mobile": "手机 手机号 手机号码 移动电话 mobilephone cell cellphone mobileno mobilenumber",
    "phone": "电话 电话号码 座机 固定电话 固话 联系电话 tel telephone phonenumber landline",
    "email": "邮箱 邮件 电子邮箱 电子邮件 mail emailaddress",
    "title": "职务 职位 头衔 jobtitle position",
    "department": "部门 dept",
    "industry": "行业 所属行业 sector",
    "source": "来源 线索来源 客户来源 渠道 leadsource origin",
    "level": "等级 级别 客户级别 客户等级 grade",
    "customer_type": "类型 客户类型 类别 type",
    "nature": "性质 企业性质 ownership",
    "province": "省 省份 state",
    "city": "市 城市 town",
    "address": "地址 详细地址 通讯地址 street",
    "postcode": "邮编 邮政编码 zip zipcode postalcode",
    "website": "网址 网站 官网 主页 url homepage web",
    "employees": "员工数 人数 员工人数 规模 headcount staff",
    "annual_revenue": "年收入 营业额 年营业额 年营收 revenue turnover",
    "description": "备注 说明 描述 简介 remarks remark notes note comment comments",
    "owner_id": "负责人 负责销售 销售代表 销售 归属人 salesperson salesrep assignedto responsible",
    "tags": "标签 客户标签 label labels",
    "next_follow_up_at": "下次跟进 下次跟进时间 下次跟进计划 nextcontact followup",
    "birthday": "生日 出生日期 dateofbirth dob",
    "gender": "性别 sex",
    "rating": "评级 热度",
    "unit": "单位 计量单位 uom",
    "active": "在售 上架 状态 active onsale",
    "category_id": "分类 类别 产品类别 category",
    "parent_id": "上级公司 母公司 集团 parent",
}


def fields_for(record_type: RecordType, actor: Actor) -> dict[str, Field]:
    """What a file may fill, by column name: what a new record may say, its running number to find it by, its owner."""
    found = {
        shape.name: shape
        for shape in fields_in(actor, record_type).values()
        if (shape.on_create or shape.shape == "auto") and shape.shape not in NEVER
    }
    return {**found, "owner_id": OWNER}


def telling(shapes: Mapping[str, Field], record_type: RecordType, mapped: Iterable[str]) -> list[str]:
    """The mapped fields by which two records may be the same one, best first."""
    strong = [n for n, s in shapes.items() if s.shape in SAME_BY or n == "code"]
    order = sorted(
        strong, key=lambda n: (shapes[n].shape != "auto", n != "code", shapes[n].shape != "mobile")
    )
    chosen = set(mapped)
    return [name for name in (*order, record_type.title, "company") if name in chosen and name in shapes]


def plain_word(text: str) -> str:
    """A title without what people write differently: width, case, signs, stars, brackets."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    return NOISE.sub("", BRACKETS.sub("", wide)) or NOISE.sub("", wide)


def names_of(record_type: RecordType, shapes: Mapping[str, Field]) -> dict[str, str]:
    """Every name of a field, plain, with the column it stands for. Labels weigh more than other words."""
    names: dict[str, str] = {}
    for name, label in _labels(record_type, tuple(shapes.values())):
        names.setdefault(plain_word(label), name)
    for name, shape in shapes.items():
        for word in (name, shape.log, name.removesuffix("_id"), name.removeprefix("extra_")):
            names.setdefault(plain_word(word), name)
    for words in (
        {name: OF_KIND.get((record_type.name, name), "") for name in shapes},
        {name: OF_FIELD.get(name, "") for name in shapes},
    ):
        for name, said in words.items():
            for word in said.split():
                names.setdefault(plain_word(word), name)
    return names


def _labels(record_type: RecordType, shapes: tuple[Field, ...]) -> list[tuple[str, str]]:
    """(column, label) in both languages; a custom field has both of its own."""
    fixed = tuple(shape for shape in shapes if not shape.custom)
    own = [(s.name, word) for s in shapes if s.custom for word in (s.label.zh, s.label.en)]
    return [*_fixed_labels(record_type.name, fixed), *own]


@lru_cache(maxsize=64)
def _fixed_labels(kind: str, shapes: tuple[Field, ...]) -> tuple[tuple[str, str], ...]:
    found = []
    for locale in LOCALES:
        with force_locale(locale):
            found += [(shape.name, str(shape.label)) for shape in shapes]
    return tuple(found)


def guess(heads: Sequence[str], names: Mapping[str, str]) -> dict[int, str]:
    """The field of each column by its title: what is exactly known first, then what is most alike; each once."""
    found: dict[int, str] = {}
    words = [plain_word(head) for head in heads]
    for place, word in enumerate(words):
        name = names.get(word)
        if name is not None and name not in found.values():
            found[place] = name
    for _mark, place, name in sorted(_nearly(words, found, names), key=lambda m: (-m[0], m[1])):
        if name not in found.values():
            found[place] = name
    return dict(sorted(found.items()))


def _nearly(
    words: Sequence[str], found: Mapping[int, str], names: Mapping[str, str]
) -> list[tuple[float, int, str]]:
    """(likeness, place, column) of the titles that are nearly a name."""
    from rapidfuzz import fuzz, process  # late: a fiftieth of a start

    marks = []
    for place, word in enumerate(words):
        if place in found or len(word) < 2:
            continue
        best = process.extractOne(word, names.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
        if best is not None and len(best[0]) > 1:
            marks.append((best[1], place, names[best[0]]))
    return marks
