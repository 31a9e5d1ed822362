"""The Chinese headers and words of the company's systems, by extract."""

COMPLAINTS = {
    "complaint_id": "投诉编号",
    "branch_code": "被投诉机构",
    "channel": "投诉渠道",
    "received_at": "受理时间",
    "branch_contacted_at": "机构联系时间",
    "closed_at": "办结时间",
    "is_valid": "是否有效",
    "outcome": "处理结果",
    "category": "投诉类别",
    "line": "险种",
    "claim_id": "赔案号",
    "complexity": "复杂程度",
    "extended": "是否延期",
    "escalation_level": "督办级别",
}
BENCHMARKS = {
    "kpi_id": "指标",
    "period_kind": "期间类型",
    "period_start": "期间首日",
    "period_end": "期间末日次日",
    "peer": "公司",
    "value": "指标值",
    "source": "来源",
}
BRANCHES = {
    "branch_code": "机构代码",
    "name": "机构名称",
    "parent_code": "上级机构代码",
    "level": "机构级别",
    "region": "大区",
    "opened_on": "开业日期",
    "closed_on": "撤销日期",
    "valid_from": "生效日期",
}
HEADERS = {
    "complaints": COMPLAINTS,
    "benchmarks": BENCHMARKS,
    "branches": BRANCHES,
}

# By extract and column.
WORDS: dict[tuple[str, str], dict[str, str]] = {}
WORDS["complaints", "channel"] = {
    "regulator": "保监局",
    "company": "公司",
    "industry_body": "行业协会",
    "other": "其他",
}
WORDS["complaints", "outcome"] = {
    "upheld": "属实",
    "partly_upheld": "部分属实",
    "rejected": "不属实",
    "withdrawn": "撤诉",
}
WORDS["complaints", "complexity"] = {"simple": "简单", "complex": "复杂", "special": "特殊"}
WORDS["branches", "level"] = {
    "head_office": "总公司",
    "province": "分公司",
    "central": "中心支公司",
    "sub": "支公司",
}
