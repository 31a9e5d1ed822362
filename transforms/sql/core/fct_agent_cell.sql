/*
summary = "What each call-back agent did, by measure, kind of call and interval: numerator, denominator, squares of single observations."
kind = "table"

# The measures of mart_agent_league. Minimum volumes: policy, section agents, by `volume`.
[measures.agent_cases_per_day]
title = { zh = "日均完成量", en = "Completed cases per day worked" }
unit = "cases per day"
scale = [1, 1]
kind = "mean"
direction = "up"
volume = "days"
numerator = { zh = "期内完成的回访", en = "cases completed in the period" }
denominator = { zh = "有拨打的天数", en = "days with a dial: a case first dialled or completed" }

[measures.agent_completion_pct]
title = { zh = "回访成功率", en = "Call-backs completed" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
volume = "cases"
numerator = { zh = "其中已完成的回访", en = "of these, completed" }
denominator = { zh = "期内应访、分给该坐席的回访", en = "the agent's cases due in the period" }

[measures.agent_qa_score_mean]
title = { zh = "平均质检得分", en = "Quality score, mean" }
unit = "points"
scale = [1, 1]
kind = "mean"
direction = "up"
volume = "cases"
numerator = { zh = "质检得分之和", en = "sum of quality scores" }
denominator = { zh = "期内完成并有质检得分的回访", en = "cases completed in the period with a quality score" }

[measures.agent_satisfaction_pct]
title = { zh = "客户满意度", en = "Customer satisfaction" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
volume = "cases"
numerator = { zh = "评价 4 或 5（满意、非常满意）", en = "ratings 4 or 5 (satisfied, very satisfied)" }
denominator = { zh = "期内完成且有评价的回访", en = "cases completed in the period with a rating" }

[measures.agent_talk_seconds_mean]
title = { zh = "平均通话时长", en = "Talk time, mean" }
unit = "seconds"
scale = [1, 1]
kind = "mean"
direction = "none"
volume = "cases"
numerator = { zh = "通话秒数之和", en = "seconds of talk" }
denominator = { zh = "期内完成并有通话时长的回访", en = "cases completed in the period with a talk time" }
*/
WITH callbacks AS (
    SELECT
        agent_id, kind, rating, talk_seconds, qa_score,
        limit_interval_of(due_date, callbacks_as_of) AS due_interval,
        interval_of(completed_date) AS completed_interval
    FROM stg_callback
    WHERE agent_id IS NOT NULL
),
cases AS (
    SELECT
        agent_id, kind, due_interval, completed_interval,
        COUNT(*) AS cases,
        COUNT(rating) AS rated,
        COUNT(CASE WHEN rating >= 4 THEN 1 END) AS satisfied,
        COUNT(talk_seconds) AS talked,
        SUM(talk_seconds) AS talk_seconds,
        SUM(talk_seconds * talk_seconds) AS talk_squares,
        COUNT(qa_score) AS scored,
        SUM(qa_score) AS qa_score,
        SUM(qa_score * qa_score) AS qa_squares
    FROM callbacks
    GROUP BY agent_id, kind, due_interval, completed_interval
),
measured AS (
    SELECT
        'agent_cases_per_day' AS measure_id,
        agent_id,
        '(all)' AS kind,
        interval_id,
        completed AS numerator,
        days AS denominator,
        squares
    FROM fct_agent_day
    UNION ALL
    SELECT
        'agent_completion_pct',
        agent_id,
        kind,
        due_interval,
        CASE WHEN completed_interval IS NOT NULL THEN cases ELSE 0 END,
        cases,
        0
    FROM cases
    UNION ALL
    SELECT 'agent_qa_score_mean', agent_id, kind, completed_interval, qa_score, scored, qa_squares FROM cases
    UNION ALL
    SELECT 'agent_satisfaction_pct', agent_id, kind, completed_interval, satisfied, rated, 0 FROM cases
    UNION ALL
    SELECT 'agent_talk_seconds_mean', agent_id, kind, completed_interval, talk_seconds, talked, talk_squares FROM cases
)
SELECT
    measure_id, agent_id, kind, interval_id,
    CAST(SUM(numerator) AS DECIMAL(28, 4)) AS numerator,
    CAST(SUM(denominator) AS BIGINT) AS denominator,
    CAST(SUM(squares) AS DECIMAL(38, 8)) AS squares
FROM measured
WHERE interval_id IS NOT NULL AND denominator > 0
GROUP BY measure_id, agent_id, kind, interval_id
