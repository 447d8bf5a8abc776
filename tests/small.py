"""A scenario as small as can be, which this program can open."""

TINY = {
    "scenario.yaml": """\
# Written by hand.
scenario: 1
key: tiny
title: {en: Tiny, zh: 小场景}
summary: {en: As small as can be, zh: 最小的场景}
company:
  name: {en: "Lanqiao Co., Ltd", zh: 澜桥有限公司}
  address: {en: Jiangling Road, zh: 江陵路}
  phone: 0571-28860120
  postcode: "310000"
  working_hours: {days: [1, 2, 3, 4, 5], from: "09:00", to: "18:00"}
starts_at: "2026-09-07T09:00:00"
positions:
  key: instructor
  name: {en: Instructor, zh: 教师}
  kind: instructor
  below:
    - {key: staff, name: {en: Staff, zh: 业务员}, kind: staff, profile: sales, seats: 2}
volumes: {lead: 2}  # two are enough
""",
    "records.yaml": """\
records:
  - key: good
    kind: lead
    values:
      name: {en: Li Na, zh: 李娜}
      company: {en: Chengyi Energy, zh: 诚毅能源}
      status: new
""",
    "rubric.yaml": """\
rubric: 1
title: {en: Tiny, zh: 小场景}
due: "+10d 18:00"
tasks:
  - key: qualify
    title: {en: Qualify, zh: 判定}
    points: 10
    checks:
      - did: {what: lead.qualify}
""",
    "walkthrough.yaml": """\
position: staff
acts:
  - {do: lead.qualify, on: {kind: lead, key: good}}
""",
    "brief.en.md": "# Tiny\n\n<script>alert(1)</script> Read *this*.\n",
    "brief.zh.md": "# 小场景\n",
}
EXAM = """\
exam: 1
papers:
  - key: entry
    title: {en: Entry test, zh: 入门测验}
    minutes: 20
    draw:
      - {topic: leads, count: 2}
questions:
  - key: q_single
    topic: leads
    kind: single
    ask: {en: Which is a lead?, zh: 哪个是线索？}
    options:
      - {key: a, text: {en: A stranger who asks, zh: 询价的陌生人}, right: true}
      - {key: b, text: {en: A buyer of ten years, zh: 十年老客户}}
  - key: q_number
    topic: leads
    kind: number
    ask: {en: 70 per cent of 200?, zh: 200 的 70% 是多少？}
    answer: 140
    tolerance: 0.5
    points: 2
"""
BANK = """\
exam: 1
papers:
  - key: entry
    title: {en: Entry test, zh: 入门测验}
    minutes: 20
    attempts: 2
    shows: at_once
    draw: [{topic: leads, count: 5}]
  - key: finals
    title: {en: Finals, zh: 期末}
    minutes: 60
    closes: "+3d 18:00"
    draw: [{topic: leads, count: 2}]
  - key: later
    title: {en: Later, zh: 以后}
    minutes: 60
    opens: "+2d 09:00"
    draw: [{topic: leads, count: 1}]
questions:
  - key: q_single
    topic: leads
    kind: single
    ask: {en: Which is a lead?, zh: 哪个是线索？}
    options:
      - {key: right_one, text: {en: A stranger who asks, zh: 询价的陌生人}, right: true}
      - {key: wrong_one, text: {en: A buyer of ten years, zh: 十年老客户}}
      - {key: wrong_two, text: {en: A colleague, zh: 同事}}
    why: {en: The secret reason., zh: 秘密原因。}
  - key: q_multiple
    topic: leads
    kind: multiple
    points: 3
    ask: {en: What comes of a conversion?, zh: 升级会生成什么？}
    options:
      - {key: a, text: {en: A customer, zh: 客户}, right: true}
      - {key: b, text: {en: A contact, zh: 联系人}, right: true}
      - {key: c, text: {en: A ticket, zh: 工单}}
  - key: q_truth
    topic: leads
    kind: truth
    ask: {en: A lead converts twice., zh: 线索可以升级两次。}
    answer: false
  - key: q_number
    topic: leads
    kind: number
    points: 2
    ask: {en: 70 per cent of 2000?, zh: 2000 的 70% 是多少？}
    answer: 1400
    tolerance: 0.5
  - key: q_text
    topic: leads
    kind: text
    ask: {en: Whom do we speak with?, zh: 与谁联系？}
    accepts: [a contact person, 联系人]
"""
