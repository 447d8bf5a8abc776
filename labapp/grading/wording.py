"""Kinds and verbs in words, for the reasons a student reads. What has no words keeps its key."""

from fractions import Fraction

from labapp.grading.numbers import half_up
from labapp.grading.text import Text

_KINDS: dict[str, tuple[str, str]] = {
    "lead": ("lead", "线索"),
    "customer": ("customer", "客户"),
    "contact": ("contact", "联系人"),
    "opportunity": ("opportunity", "销售机会"),
    "product": ("product", "产品"),
    "category": ("product category", "产品分类"),
    "competitor": ("competitor", "竞争对手"),
    "forecast": ("forecast", "销售预期"),
    "quota": ("quota", "个人配额"),
    "adjustment": ("adjustment of a forecast", "预期调整"),
    "campaign": ("campaign", "市场拓广"),
    "campaign_member": ("campaign member", "市场拓广成员"),
    "ticket": ("ticket", "客服工单"),
    "survey": ("care survey", "客户关怀调查"),
    "activity": ("activity", "活动"),
    "document": ("document", "文档"),
    "document_link": ("attached document", "关联文档"),
    "article": ("article", "知识"),
    "line": ("product line", "产品明细"),
    "contact_role": ("contact role", "联系人角色"),
    "partner": ("partner", "合作伙伴"),
    "group": ("sharing group", "共享组"),
    "announcement": ("announcement", "公告"),
    "relation": ("relation", "客户关系"),
    "rival": ("competitor in a deal", "机会中的竞争对手"),
    "note": ("note", "便条"),
    "attachment": ("attachment", "附件"),
    "position": ("position", "工作岗位"),
    "code": ("code", "代码"),
    "stage": ("stage", "销售阶段"),
    "field": ("custom field", "自定义字段"),
    "rule": ("rule", "规则"),
    "membership": ("membership", "成员"),
    "attempt": ("attempt", "答卷"),
    "setting": ("setting", "设置"),
    "session": ("session", "登录会话"),
}
_VERBS: dict[str, tuple[str, str]] = {
    "create": ("create", "新建"),
    "edit": ("edit", "修改"),
    "clone": ("clone", "克隆"),
    "transfer": ("transfer", "移交"),
    "delete": ("delete", "删除"),
    "restore": ("restore", "恢复"),
    "open": ("open", "查看"),
    "list": ("list", "浏览列表"),
    "report": ("open a report on", "查看报表"),
    "export": ("export", "导出"),
    "contact": ("contact", "联系"),
    "qualify": ("qualify", "确认有效"),
    "disqualify": ("disqualify", "确认无效"),
    "convert": ("convert", "升级"),
    "unconvert": ("undo the conversion of", "撤销升级"),
    "advance": ("advance", "推进"),
    "win": ("win", "赢单"),
    "lose": ("lose", "输单"),
    "reopen": ("reopen", "重新打开"),
    "assign": ("assign", "分配"),
    "start": ("start", "开始处理"),
    "hand_over": ("hand over", "转交"),
    "wait": ("wait for the customer on", "等待客户回复"),
    "resume": ("resume", "恢复处理"),
    "escalate": ("escalate", "升级处理"),
    "resolve": ("resolve", "解决"),
    "close": ("close", "关闭"),
    "merge": ("merge", "合并"),
    "publish": ("publish", "发布"),
    "withdraw": ("withdraw", "撤回"),
    "complete": ("complete", "完成"),
    "cancel": ("cancel", "取消"),
    "submit": ("submit", "提交"),
    "change": ("change", "修改"),
    "reset": ("reset", "重置"),
}
_ACTS: dict[str, Text] = {
    "activity.create_lead": Text("create a lead from a campaign's task", "由市场拓广任务新建线索"),
    "campaign.start": Text("start a campaign", "启动市场拓广"),
    "campaign.invite": Text("add members to a campaign by tier", "按层级添加市场拓广成员"),
    "lead.add_to_campaign": Text("add a lead to a campaign", "把线索加入市场拓广"),
    "contact.add_to_campaign": Text("add a contact to a campaign", "把联系人加入市场拓广"),
    "customer.add_to_campaign": Text("add a customer's contacts to a campaign", "把客户的联系人加入市场拓广"),
    "customer.schedule_service": Text("schedule service for a customer", "为客户安排服务"),
    "ticket.create_lead": Text("create a lead from a ticket", "由客服工单新建线索"),
    "ticket.create_task": Text("create a task from a ticket", "由客服工单新建任务"),
    "document.upload": Text("upload a new version of a document", "上传文档新版本"),
    "session.sign_in": Text("sign in", "登录"),
    "session.sign_out": Text("sign out", "退出"),
    "session.self_check": Text("check oneself", "自查"),
}


_FIELDS: dict[str, Text] = {
    "name": Text("name", "名称"),
    "company": Text("company", "公司"),
    "phone": Text("phone", "电话"),
    "mobile": Text("mobile", "手机"),
    "email": Text("e-mail", "电子邮件"),
    "website": Text("website", "网站"),
    "city": Text("city", "城市"),
    "address": Text("address", "地址"),
}
_RULES: dict[str, Text] = {
    "mobile_cn": Text("a mobile number of eleven digits", "十一位手机号码"),
    "landline_cn": Text("a number with its area code", "带区号的电话号码"),
    "email": Text("an e-mail address", "电子邮件地址"),
    "full_name": Text("a full name", "单位全称"),
    "unique": Text("each only once", "不重复"),
}
_SETTINGS: dict[str, Text] = {
    "sharing.lead": Text("sharing of leads", "线索的共享模式"),
    "sharing.customer": Text("sharing of customers", "客户的共享模式"),
    "sharing.opportunity": Text("sharing of opportunities", "销售机会的共享模式"),
    "sharing.document": Text("sharing of documents", "文档的共享模式"),
    "organisation.phone": Text("phone of the organisation", "组织机构的电话"),
    "organisation.fax": Text("fax of the organisation", "组织机构的传真"),
    "organisation.email": Text("e-mail of the organisation", "组织机构的电子邮件"),
    "organisation.website": Text("website of the organisation", "组织机构的网站"),
    "organisation.postcode": Text("postcode of the organisation", "组织机构的邮政编码"),
    "organisation.fiscal_year_start": Text("start of the fiscal year", "财年起始月份"),
}


def field_words(name: str) -> Text:
    """A field as a noun."""
    return _FIELDS.get(name, Text(name, name))


def rule_words(name: str) -> Text:
    """What makes a value right."""
    return _RULES.get(name, Text(name, name))


def setting_words(path: str) -> Text:
    """A setting of the sandbox as a noun."""
    return _SETTINGS.get(path, Text(path, path))


def kind_words(kind: str) -> Text:
    """A kind as a noun, without article."""
    return Text(*_KINDS.get(kind, (kind, kind)))


def act_words(kind: str, verb: str) -> Text:
    """``lead.convert`` as "convert a lead" and "升级线索"; ``*`` stands for any."""
    whole = _ACTS.get(f"{kind}.{verb}")
    if whole:
        return whole
    noun = kind_words(kind)
    en_noun, zh_noun = (_with_article(noun.en), noun.zh) if kind != "*" else ("anything", "任意记录")
    if verb == "*":
        return Text(f"do anything with {en_noun}", f"操作{zh_noun}")
    en_verb, zh_verb = _VERBS.get(verb, (verb, verb))
    return Text(f"{en_verb} {en_noun}", f"{zh_verb}{zh_noun}")


def title(text: Text) -> Text:
    """The same with a capital letter, to begin a sentence."""
    return Text(text.en[:1].upper() + text.en[1:], text.zh)


def counted(count: int, noun: str) -> str:
    """``1 record``, ``2 records``, ``3 opportunities``, ``4 days``."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun[-1:] == "y" and noun[-2:-1] not in "aeou" else f"{count} {noun}s"


def percent(share: Fraction) -> str:
    """A share between 0 and 1 as whole per cent, rounded down: 100% means all of it."""
    return f"{int(share * 100)}%"


def plain(value: Fraction) -> str:
    """A number with at most two decimals, for people."""
    return f"{half_up(value, 2):f}".rstrip("0").rstrip(".")


def _with_article(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeio' else 'a'} {noun}"
