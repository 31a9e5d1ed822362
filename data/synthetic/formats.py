"""Writing a table as Parquet, as CSV in two manners, or as a workbook. The same table always gives
the same bytes.
"""

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

HEADERS = {
    "claims": dict(
        claim_id="赔案号",
        branch_code="机构代码",
        line="险种",
        occurred_at="出险时间",
        reported_at="报案时间",
        surveyed_at="查勘时间",
        survey_agreed_at="约定查勘时间",
        registered_at="立案时间",
        documents_complete_at="单证齐全时间",
        approved_at="核赔通过时间",
        closed_at="结案时间",
        paid_at="支付时间",
        previous_settled_at="前次结案时间",
        reopened_at="重开时间",
        outcome="结案类型",
        has_injury="是否人伤",
        first_estimate="首次估损金额",
        outstanding_estimate="未决估损金额",
        paid_amount="赔款金额",
    ),
    "callbacks": dict(
        callback_id="回访编号",
        branch_code="机构代码",
        kind="回访类型",
        subject_id="业务号",
        agent_id="坐席工号",
        due_at="应访时间",
        first_dialled_at="首次拨打时间",
        connected_at="接通时间",
        completed_at="完成时间",
        attempts="拨打次数",
        rating="满意度",
        reported_issue="客户反映问题",
        comment="客户意见",
        qa_score="质检得分",
        talk_seconds="通话秒数",
    ),
    "complaints": dict(
        complaint_id="投诉编号",
        branch_code="被投诉机构",
        channel="投诉渠道",
        received_at="受理时间",
        branch_contacted_at="机构联系时间",
        closed_at="办结时间",
        is_valid="是否有效",
        outcome="处理结果",
        category="投诉类别",
        line="险种",
        claim_id="赔案号",
        complexity="复杂程度",
        extended="是否延期",
        escalation_level="督办级别",
    ),
    "benchmarks": dict(
        kpi_id="指标",
        period_kind="期间类型",
        period_start="期间首日",
        period_end="期间末日次日",
        peer="公司",
        value="指标值",
        source="来源",
    ),
    "branches": dict(
        branch_code="机构代码",
        name="机构名称",
        parent_code="上级机构代码",
        level="机构级别",
        region="大区",
        opened_on="开业日期",
        closed_on="撤销日期",
        valid_from="生效日期",
    ),
}
WORDS = {
    ("claims", "outcome"): dict(
        normal="正常结案", zero="零结案", rejected="拒赔", cancelled="注销"
    ),
    ("callbacks", "kind"): dict(
        scene_report="现场报案",
        closed_claim="结案",
        roadside_rescue="非事故道路救援",
        complaint="投诉",
    ),
    ("callbacks", "rating"): {
        "5": "非常满意",
        "4": "满意",
        "3": "一般",
        "2": "不满意",
        "1": "非常不满意",
    },
    ("complaints", "channel"): dict(
        regulator="保监局", company="公司", industry_body="行业协会", other="其他"
    ),
    ("complaints", "outcome"): dict(
        upheld="属实", partly_upheld="部分属实", rejected="不属实", withdrawn="撤诉"
    ),
    ("complaints", "complexity"): dict(simple="简单", complex="复杂", special="特殊"),
    ("branches", "level"): dict(
        head_office="总公司", province="分公司", central="中心支公司", sub="支公司"
    ),
}


def write_parquet(table: pa.Table, path: Path) -> None:
    """Naive timestamps; dictionaries are only a way to write words faster, so the reader is not
    told of them.
    """
    fields = [
        pa.field(f.name, pa.timestamp("us") if pa.types.is_timestamp(f.type) else f.type)
        for f in table.schema
    ]
    pq.write_table(table.cast(pa.schema(fields)), path, compression="zstd", store_schema=False)


def _text(column: pa.ChunkedArray, yes: str, no: str) -> pa.ChunkedArray:
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, yes, no)
    return column.cast(pa.string())


def _translated(column: pa.ChunkedArray, words: dict[str, str]) -> pa.ChunkedArray:
    for code, word in words.items():
        column = pc.if_else(pc.equal(column, code), word, column)
    return column


def as_text(table: pa.Table) -> pa.Table:
    return pa.table({name: _text(table[name], "true", "false") for name in table.column_names})


def in_chinese(extract: str, table: pa.Table) -> pa.Table:
    columns = {}
    for name in table.column_names:
        column = _text(table[name], "是", "否")
        columns[HEADERS[extract][name]] = _translated(column, WORDS.get((extract, name), {}))
    return pa.table(columns)


def with_reporter(table: pa.Table) -> pa.Table:
    """Columns in another order, and two with (invented) personal data which a reader has to
    drop.
    """
    rows = np.arange(table.num_rows)
    names = pa.array(["测试甲", "测试乙", "测试丙", "测试丁"]).take(pa.array(rows % 4))
    phones = pa.array(13_000_000_000 + rows % 10_000).cast(pa.string())
    order = table.column_names[1:4] + table.column_names[:1] + table.column_names[:3:-1]
    return table.select(order).add_column(3, "报案人", names).append_column("联系电话", phones)


def csv_lines(table: pa.Table) -> list[str]:
    """Header and rows of a table of texts; a cell with a comma or a quotation mark is quoted."""
    columns = []
    for column in table.columns:
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        special = pc.match_substring_regex(column, '[",]')
        if pc.any(special).as_py():
            quoted = pc.binary_join_element_wise(
                '"', pc.replace_substring(column, '"', '""'), '"', ""
            )
            column = pc.if_else(special, quoted, column)
        columns.append(column)
    lines = pc.binary_join_element_wise(*columns, ",", null_handling="replace", null_replacement="")
    return [",".join(table.column_names), *lines.to_pylist()]


def write_lines(lines: list[str], path: Path, encoding: str) -> None:
    path.write_bytes("".join(line + "\r\n" for line in lines).encode(encoding))


def write_workbook(table: pa.Table, path: Path) -> None:
    with pd.ExcelWriter(path, engine="xlsxwriter", date_format="yyyy-mm-dd") as writer:
        writer.book.set_properties({"title": "机构(合成样本)", "created": datetime(2013, 1, 1)})
        table.to_pandas(date_as_object=True).to_excel(writer, sheet_name="机构", index=False)
