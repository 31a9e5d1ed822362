"""The Chinese headers and words of the company's systems, by extract."""

CLAIMS = {
    "claim_id": "赔案号",
    "branch_code": "机构代码",
    "line": "险种",
    "occurred_at": "出险时间",
    "reported_at": "报案时间",
    "surveyed_at": "查勘时间",
    "survey_agreed_at": "约定查勘时间",
    "registered_at": "立案时间",
    "documents_complete_at": "单证齐全时间",
    "approved_at": "核赔通过时间",
    "closed_at": "结案时间",
    "paid_at": "支付时间",
    "previous_settled_at": "前次结案时间",
    "reopened_at": "重开时间",
    "outcome": "结案类型",
    "has_injury": "是否人伤",
    "first_estimate": "首次估损金额",
    "outstanding_estimate": "未决估损金额",
    "paid_amount": "赔款金额",
}
CALLBACKS = {
    "callback_id": "回访编号",
    "branch_code": "机构代码",
    "kind": "回访类型",
    "subject_id": "业务号",
    "agent_id": "坐席工号",
    "due_at": "应访时间",
    "first_dialled_at": "首次拨打时间",
    "connected_at": "接通时间",
    "completed_at": "完成时间",
    "attempts": "拨打次数",
    "rating": "满意度",
    "reported_issue": "客户反映问题",
    "comment": "客户意见",
    "qa_score": "质检得分",
    "talk_seconds": "通话秒数",
}
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
    "claims": CLAIMS,
    "callbacks": CALLBACKS,
    "complaints": COMPLAINTS,
    "benchmarks": BENCHMARKS,
    "branches": BRANCHES,
}

# By extract and column.
WORDS: dict[tuple[str, str], dict[str, str]] = {}
WORDS["claims", "outcome"] = {
    "normal": "正常结案",
    "zero": "零结案",
    "rejected": "拒赔",
    "cancelled": "注销",
}
WORDS["callbacks", "kind"] = {
    "scene_report": "现场报案",
    "closed_claim": "结案",
    "roadside_rescue": "非事故道路救援",
    "complaint": "投诉",
}
WORDS["callbacks", "rating"] = {
    "5": "非常满意",
    "4": "满意",
    "3": "一般",
    "2": "不满意",
    "1": "非常不满意",
}
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
