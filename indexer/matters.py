"""Which schemes and cases of medical insurance a text names, by the words that people and policies have for them.

Two texts that share most of their words may still name different ones: 大病保险的起付线, 住院的起付线.
"""

import re
from collections.abc import Mapping
from functools import lru_cache


def _patterns(**patterns: str) -> Mapping[str, re.Pattern[str]]:
    return {name: re.compile(pattern) for name, pattern in patterns.items()}


MATTERS = _patterns(
    serious_illness="大病",
    assistance="救助|低保|特困",
    long_term_care="护理保险|护理险|长护|照护|失能",
    maternity="生育|生孩子|生娃|产假|产检|分娩|怀孕|孕妇",
    chronic="慢特病|慢性病|慢病|特病",
    two_illnesses="两病|高血压|糖尿病",
    negotiated="谈判药|国谈|双通道",
    account="个人账户|个账|共济",
    inpatient="住院|出院|入院",
    outpatient="门诊",
    pharmacy="药店|药房",
    elsewhere="异地|外地|外省|跨省|省外",
    abroad="境外|国外|出国|港澳台",
    transfer="转移|接续|转入|转出",
    referral="转诊|转院",
    third_party="第三方|第三人|交通事故|车祸|肇事|工伤",
    newborn="新生儿|婴儿|宝宝|刚出生",
    student="学生|在校|大学",
    retired="退休",
    flexible="灵活就业|自由职业|个体",
    employer="单位|公司|企业",
    directory="甲类|乙类|目录",
    procurement="集采|集中采购|带量采购",
    code="医保码|电子凭证|刷脸",
    fraud="骗保|举报",
    emergency="急诊|急救|抢救",
    registration="备案",
    debt="欠费|断缴|中断|断保",
)


@lru_cache(8192)
def matters_of(text: str) -> frozenset[str]:
    """The schemes and cases that a normalised text names."""
    return frozenset(name for name, pattern in MATTERS.items() if pattern.search(text))
