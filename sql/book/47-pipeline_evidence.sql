-- The rows behind the figures of the pipeline; evidence() calls these by name.

CREATE FUNCTION waterfall_evidence_of(by_team boolean, as_of timestamptz, person text, during daterange, options jsonb)
RETURNS TABLE (person text, step text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, coalesce(waterfall_evidence_of.during, quarter_of(today.today)) AS during
    FROM settings(waterfall_evidence_of.options, waterfall_evidence_of.as_of) AS given (options)
    CROSS JOIN LATERAL book_date(waterfall_evidence_of.as_of, given.options) AS today (today)
  )
  SELECT holder.code, deal.step, counted.figure, 'opportunity', o.code, NULL::timestamptz, counted.value
  FROM chosen
  CROSS JOIN LATERAL waterfall_deal(waterfall_evidence_of.by_team, waterfall_evidence_of.as_of, chosen.during, chosen.options) AS deal
  JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
  CROSS JOIN LATERAL unnest(deal.holders) AS held (holder_id)
  LEFT JOIN person AS holder ON holder.person_id = held.holder_id
  CROSS JOIN LATERAL (VALUES ('deals', 1), ('amount', deal.amount)) AS counted (figure, value)
  WHERE (waterfall_evidence_of.person IS NULL
      OR held.holder_id IN (
        SELECT who.person_id
        FROM report_on(waterfall_evidence_of.person, chosen.today) AS who));
END;
COMMENT ON FUNCTION waterfall_evidence_of(boolean, timestamptz, text, daterange, jsonb) IS
'The deals in each step of a waterfall, by owner or by leader';

CREATE FUNCTION pipeline_waterfall_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, step text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT *
  FROM waterfall_evidence_of(false, pipeline_waterfall_evidence.as_of, pipeline_waterfall_evidence.person, pipeline_waterfall_evidence.during, pipeline_waterfall_evidence.options);
END;
COMMENT ON FUNCTION pipeline_waterfall_evidence(timestamptz, text, daterange, jsonb) IS
'The deals in each step of pipeline_waterfall';

CREATE FUNCTION pipeline_waterfall_by_team_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, step text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT *
  FROM waterfall_evidence_of(true, pipeline_waterfall_by_team_evidence.as_of, pipeline_waterfall_by_team_evidence.person, pipeline_waterfall_by_team_evidence.during, pipeline_waterfall_by_team_evidence.options);
END;
COMMENT ON FUNCTION pipeline_waterfall_by_team_evidence(timestamptz, text, daterange, jsonb) IS
'The deals in each step of pipeline_waterfall_by_team';

CREATE FUNCTION slippage_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, coalesce(slippage_evidence.during, quarter_of(today.today)) AS during
    FROM settings(slippage_evidence.options, slippage_evidence.as_of) AS given (options)
    CROSS JOIN LATERAL book_date(slippage_evidence.as_of, given.options) AS today (today)
  ),
  kept AS MATERIALIZED (
    SELECT deal.*
    FROM chosen
    CROSS JOIN LATERAL slipping_deal(slippage_evidence.as_of, chosen.during, chosen.options) AS deal
  ),
  line AS (
    SELECT start.owner_id, start.opportunity_id, f.figure, f.value
    FROM chosen
    JOIN kept AS start ON start.is_start AND start.outcome = 'open' AND start.expected_close <@ chosen.during
    JOIN kept AS state ON state.is_end AND state.opportunity_id = start.opportunity_id
    CROSS JOIN LATERAL (
      SELECT CASE
          WHEN state.outcome <> 'open' THEN state.outcome
          WHEN state.expected_close < upper(chosen.during) OR upper_inf(chosen.during) AND state.expected_close IS NOT NULL THEN 'still_due_deals'
          ELSE 'slipped_deals'
        END
    ) AS fate (fate)
    CROSS JOIN LATERAL (
      VALUES ('due_deals', 1), (fate.fate, 1), ('due_amount', start.amount),
        (CASE fate.fate WHEN 'slipped_deals' THEN 'slipped_amount' END, start.amount)
    ) AS f (figure, value)
    UNION ALL
    SELECT kept.owner_id, kept.opportunity_id, f.figure, f.value
    FROM kept
    CROSS JOIN LATERAL (VALUES ('push_count', 1), ('push_days', kept.push_days)) AS f (figure, value)
    WHERE kept.is_push
    UNION ALL
    SELECT DISTINCT kept.owner_id, kept.opportunity_id, 'pushed_deals', 1
    FROM kept
    WHERE kept.is_push
  )
  SELECT rep.code, line.figure, 'opportunity', o.code, NULL::timestamptz, line.value
  FROM chosen
  CROSS JOIN line
  JOIN opportunity AS o ON o.opportunity_id = line.opportunity_id
  LEFT JOIN person AS rep ON rep.person_id = line.owner_id
  WHERE line.figure IS NOT NULL AND line.value IS NOT NULL
    AND (slippage_evidence.person IS NULL
      OR line.owner_id IN (
        SELECT who.person_id
        FROM report_on(slippage_evidence.person, chosen.today) AS who));
END;
COMMENT ON FUNCTION slippage_evidence(timestamptz, text, daterange, jsonb) IS
'The deals and the pushes that slippage counts';

CREATE FUNCTION sales_velocity_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, coalesce(sales_velocity_evidence.during, daterange(today.today - 364, today.today + 1)) AS during
    FROM settings(sales_velocity_evidence.options, sales_velocity_evidence.as_of) AS given (options)
    CROSS JOIN LATERAL book_date(sales_velocity_evidence.as_of, given.options) AS today (today)
  ),
  line AS (
    SELECT deal.owner_id, deal.opportunity_id, NULL::date AS day, f.figure, f.value
    FROM chosen
    CROSS JOIN open_deal(sales_velocity_evidence.as_of) AS deal
    JOIN stage_step() AS step ON step.stage_id = deal.stage_id
    CROSS JOIN LATERAL (
      VALUES ('open_deals', 1),
        ('open_qualified', CASE WHEN step.step >= (chosen.options ->> 'qualified_step')::numeric THEN 1 END)
    ) AS f (figure, value)
    UNION ALL
    SELECT deal.owner_id, deal.opportunity_id, deal.closed_on, f.figure, f.value
    FROM chosen
    CROSS JOIN LATERAL closed_deal(sales_velocity_evidence.as_of, chosen.options, chosen.during) AS deal
    CROSS JOIN LATERAL (
      VALUES ('closed', 1), ('won', CASE WHEN deal.won THEN 1 END),
        ('won_amount', CASE WHEN deal.won THEN deal.amount END),
        ('won_with_amount', CASE WHEN deal.won AND deal.amount IS NOT NULL THEN 1 END)
    ) AS f (figure, value)
  )
  SELECT rep.code, line.figure, 'opportunity', o.code, book_midnight(line.day, chosen.options), line.value
  FROM chosen
  CROSS JOIN line
  JOIN opportunity AS o ON o.opportunity_id = line.opportunity_id
  LEFT JOIN person AS rep ON rep.person_id = line.owner_id
  WHERE line.value IS NOT NULL
    AND (sales_velocity_evidence.person IS NULL
      OR line.owner_id IN (
        SELECT who.person_id
        FROM report_on(sales_velocity_evidence.person, chosen.today) AS who));
END;
COMMENT ON FUNCTION sales_velocity_evidence(timestamptz, text, daterange, jsonb) IS
'The open and the closed deals that sales_velocity counts; at: the day of the close';

-- The same measure, a deal at a time.
CREATE FUNCTION funnel_deal_step(as_of timestamptz, person text, during daterange, options jsonb)
RETURNS TABLE (opportunity text, owner text, pipeline text, stage text, figure text, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, rules.rules
    FROM settings(funnel_deal_step.options, funnel_deal_step.as_of) AS given (options)
    CROSS JOIN LATERAL (SELECT funnel_rules(funnel_deal_step.as_of, given.options) AS rules) AS rules
  ),
  deal AS (
    SELECT event.opportunity_id, event.pipeline_id, event.owner_id,
      funnel_conversion(event.opportunity_id, event.step, event.entered_at, (SELECT chosen.rules FROM chosen)) AS steps
    FROM chosen
    CROSS JOIN LATERAL funnel_event(
      funnel_deal_step.as_of, funnel_deal_step.person, funnel_deal_step.during, chosen.options) AS event
    GROUP BY event.opportunity_id, event.pipeline_id, event.owner_id
  )
  SELECT o.code, rep.code, p.code, s.code, counted.figure, counted.value
  FROM deal
  JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
  LEFT JOIN person AS rep ON rep.person_id = deal.owner_id
  CROSS JOIN LATERAL unnest(deal.steps) AS f
  JOIN stage_step() AS step ON step.pipeline_id = deal.pipeline_id AND step.step = f.step
  JOIN stage AS s ON s.stage_id = step.stage_id
  JOIN pipeline AS p ON p.pipeline_id = step.pipeline_id
  CROSS JOIN LATERAL (
    VALUES ('entered', f.entered), ('reached', f.reached), ('lost', f.lost), ('pending', f.pending)
  ) AS counted (figure, value)
  WHERE counted.value > 0;
END;
COMMENT ON FUNCTION funnel_deal_step(timestamptz, text, daterange, jsonb) IS
'What each deal adds to which figure of the funnel';

CREATE FUNCTION funnel_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (pipeline text, stage text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT deal.pipeline, deal.stage, deal.figure, 'opportunity', deal.opportunity, NULL::timestamptz, deal.value
  FROM funnel_deal_step(funnel_evidence.as_of, funnel_evidence.person, funnel_evidence.during, funnel_evidence.options) AS deal;
END;
COMMENT ON FUNCTION funnel_evidence(timestamptz, text, daterange, jsonb) IS
'The deals that funnel counts under each stage';

CREATE FUNCTION funnel_by_rep_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, pipeline text, stage text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT deal.owner, deal.pipeline, deal.stage, deal.figure, 'opportunity', deal.opportunity, NULL::timestamptz, deal.value
  FROM funnel_deal_step(funnel_by_rep_evidence.as_of, funnel_by_rep_evidence.person, funnel_by_rep_evidence.during, funnel_by_rep_evidence.options) AS deal;
END;
COMMENT ON FUNCTION funnel_by_rep_evidence(timestamptz, text, daterange, jsonb) IS
'The deals that funnel_by_rep counts under each stage';

CREATE FUNCTION stage_duration_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (pipeline text, stage text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(stage_duration_evidence.as_of, given.options) AS today, span.since, span.until
    FROM settings(stage_duration_evidence.options, stage_duration_evidence.as_of) AS given (options)
    LEFT JOIN LATERAL date_span(stage_duration_evidence.during, given.options) AS span ON true
  )
  SELECT p.code, s.code, counted.figure, 'opportunity', o.code, visit.entered_at, 1
  FROM chosen
  JOIN stage_visit(stage_duration_evidence.as_of) AS visit
    ON visit.entered_at >= chosen.since AND visit.entered_at < chosen.until
  JOIN stage AS s ON s.stage_id = visit.stage_id AND s.outcome = 'open'
  JOIN pipeline AS p ON p.pipeline_id = s.pipeline_id
  JOIN opportunity AS o ON o.opportunity_id = visit.opportunity_id
  JOIN (VALUES ('visits'), ('open_visits')) AS counted (figure)
    ON counted.figure = 'visits' OR visit.left_at IS NULL
  WHERE (stage_duration_evidence.person IS NULL
      OR visit.owner_id IN (
        SELECT who.person_id
        FROM report_on(stage_duration_evidence.person, chosen.today) AS who));
END;
COMMENT ON FUNCTION stage_duration_evidence(timestamptz, text, daterange, jsonb) IS
'The visits to a stage that stage_duration counts; at: the entry';

CREATE FUNCTION stalled_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (opportunity text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT deal.opportunity, 'amount', 'opportunity', deal.opportunity, deal.entered_at, deal.amount
  FROM stalled(stalled_evidence.as_of, stalled_evidence.person, stalled_evidence.during, stalled_evidence.options) AS deal
  WHERE deal.amount IS NOT NULL;
END;
COMMENT ON FUNCTION stalled_evidence(timestamptz, text, daterange, jsonb) IS
'The deal in each row of stalled; at: when it entered its stage';

CREATE FUNCTION untouched_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (opportunity text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT deal.opportunity, 'amount', 'opportunity', deal.opportunity, deal.last_held_at, deal.amount
  FROM untouched(untouched_evidence.as_of, untouched_evidence.person, untouched_evidence.during, untouched_evidence.options) AS deal
  WHERE deal.amount IS NOT NULL;
END;
COMMENT ON FUNCTION untouched_evidence(timestamptz, text, daterange, jsonb) IS
'The deal in each row of untouched; at: the last activity about it';

CREATE FUNCTION past_due_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (opportunity text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options
    FROM settings(past_due_evidence.options, past_due_evidence.as_of) AS given (options)
  )
  SELECT deal.opportunity, 'amount', 'opportunity', deal.opportunity, book_midnight(deal.expected_close, chosen.options), deal.amount
  FROM chosen
  CROSS JOIN past_due(past_due_evidence.as_of, past_due_evidence.person, past_due_evidence.during, past_due_evidence.options) AS deal
  WHERE deal.amount IS NOT NULL;
END;
COMMENT ON FUNCTION past_due_evidence(timestamptz, text, daterange, jsonb) IS
'The deal in each row of past_due; at: the day it is expected to close';

CREATE FUNCTION large_opportunity_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (opportunity text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options
    FROM settings(large_opportunity_evidence.options, large_opportunity_evidence.as_of) AS given (options)
  )
  SELECT deal.opportunity, 'amount', 'opportunity', deal.opportunity, book_midnight(deal.expected_close, chosen.options), deal.amount
  FROM chosen
  CROSS JOIN large_opportunity(large_opportunity_evidence.as_of, large_opportunity_evidence.person, large_opportunity_evidence.during, large_opportunity_evidence.options) AS deal
  WHERE deal.amount IS NOT NULL;
END;
COMMENT ON FUNCTION large_opportunity_evidence(timestamptz, text, daterange, jsonb) IS
'The deal in each row of large_opportunity; at: the day it is expected to close';
