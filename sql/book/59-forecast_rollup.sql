-- What the deals themselves say of a period, category by category, and how often they keep what they say.

-- The deals of a period: those won in it, and the open ones expected to close in it.  Lost
-- deals are nowhere.  An open deal that is called closed is as sure as a commit, not won;
-- one without a category has a row of its own.
CREATE FUNCTION rollup_deal(as_of timestamptz, during daterange, options jsonb) RETURNS TABLE (
  person_id bigint, category text, source_code text, at timestamptz, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT won.owner_id, 'closed', o.code, book_midnight(won.closed_on, rollup_deal.options), won.amount
  FROM closed_deal(rollup_deal.as_of, rollup_deal.options || '{"win_rate_min_amount": 0}', rollup_deal.during, 'won') AS won
  JOIN opportunity AS o ON o.opportunity_id = won.opportunity_id
  UNION ALL
  SELECT deal.owner_id, CASE deal.forecast_category WHEN 'closed' THEN 'commit' ELSE coalesce(deal.forecast_category, 'none') END,
    deal.code, deal.changed_at, deal.amount
  FROM deal_at(rollup_deal.as_of) AS deal
  WHERE deal.expected_close <@ rollup_deal.during
    AND deal.stage_id = ANY (ARRAY(SELECT s.stage_id FROM stage AS s WHERE s.outcome = 'open'));
END;
COMMENT ON FUNCTION rollup_deal(timestamptz, daterange, jsonb) IS
'The deals won in a span of days and the open ones expected to close in it, with their forecast category; options as settings() gives them';

-- The newest submissions for exactly this period, in each category.
CREATE FUNCTION rollup_forecast(as_of timestamptz, during daterange) RETURNS TABLE (
  person_id bigint, category text, judgement text, source_code text, at timestamptz, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT DISTINCT ON (f.person_id, f.category, f.judgement)
    f.person_id, f.category, f.judgement, coalesce(f.code, f.forecast_id::text), f.submitted_at, f.amount
  FROM forecast AS f
  WHERE f.during::daterange = rollup_forecast.during AND f.submitted_at <= rollup_forecast.as_of
  ORDER BY f.person_id, f.category, f.judgement, f.submitted_at DESC, f.forecast_id DESC;
END;
COMMENT ON FUNCTION rollup_forecast(timestamptz, daterange) IS
'The newest forecasts of a period, by person, category and judgement';

CREATE FUNCTION forecast_rollup(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, period_from date, period_until date, category text, category_position int,
  deals int8, amount numeric, cumulative_deals int8, cumulative_amount numeric, rep_forecast numeric, manager_forecast numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, coalesce(forecast_rollup.during, quarter_of(today.today)) AS during
    FROM settings(forecast_rollup.options, forecast_rollup.as_of) AS given (options)
    CROSS JOIN LATERAL (SELECT book_date(forecast_rollup.as_of, given.options) AS today) AS today
    -- an unknown person is refused, deals or not
    WHERE forecast_rollup.person IS NULL OR person_called(forecast_rollup.person) IS NOT NULL
  ),
  part AS (
    SELECT d.person_id, d.category, 1 AS deals, d.amount, NULL::numeric AS rep_forecast, NULL::numeric AS manager_forecast
    FROM chosen
    CROSS JOIN LATERAL rollup_deal(forecast_rollup.as_of, chosen.during, chosen.options) AS d
    WHERE d.person_id IS NOT NULL
    UNION ALL
    SELECT f.person_id, f.category, 0, NULL,
      CASE f.judgement WHEN 'rep' THEN f.amount END, CASE f.judgement WHEN 'manager' THEN f.amount END
    FROM chosen
    CROSS JOIN LATERAL rollup_forecast(forecast_rollup.as_of, chosen.during) AS f
  ),
  -- a row for every category of everybody who has any, and one for deals without a category where there are some
  every AS (
    SELECT who.person_id, c.category, category_position(c.category) AS position
    FROM (SELECT DISTINCT part.person_id FROM part) AS who
    CROSS JOIN (VALUES ('closed'), ('commit'), ('most_likely'), ('best_case'), ('pipeline'), ('omitted')) AS c (category)
    UNION ALL
    SELECT DISTINCT part.person_id, 'none', category_position('none')
    FROM part
    WHERE part.category = 'none'
  ),
  counted AS (
    SELECT every.person_id, every.category, every.position,
      coalesce(sum(part.deals), 0) AS deals, coalesce(sum(part.amount), 0) AS amount,
      max(part.rep_forecast) AS rep_forecast, max(part.manager_forecast) AS manager_forecast
    FROM every
    LEFT JOIN part ON part.person_id = every.person_id AND part.category = every.category
    GROUP BY every.person_id, every.category, every.position
  )
  SELECT who.code, who.name, nullif(lower(chosen.during), '-infinity'), nullif(upper(chosen.during), 'infinity'), c.category, c.position,
    c.deals, c.amount::numeric(20,4),
    CASE WHEN c.position <= 5 THEN (sum(c.deals) OVER so_far)::int8 END,
    CASE WHEN c.position <= 5 THEN sum(c.amount) OVER so_far END::numeric(20,4),
    c.rep_forecast::numeric(20,4), c.manager_forecast::numeric(20,4)
  FROM chosen
  CROSS JOIN counted AS c
  JOIN person AS who ON who.person_id = c.person_id
  WHERE c.person_id IN (
    SELECT r.person_id
    FROM chosen AS at_day
    CROSS JOIN LATERAL report_on(forecast_rollup.person, at_day.today) AS r)
  WINDOW so_far AS (PARTITION BY c.person_id ORDER BY c.position);
END;
COMMENT ON FUNCTION forecast_rollup(timestamptz, text, daterange, jsonb) IS
'The deals of a period by forecast category, alone and with all surer ones, beside what rep and manager have submitted; during: the period, by default the fiscal quarter of as_of; person: the owner';

CREATE VIEW forecast_rollup WITH (security_invoker) AS
SELECT person, person_name, period_from, period_until, category, category_position, deals, amount::numeric(20,4),
  cumulative_deals, cumulative_amount::numeric(20,4), rep_forecast::numeric(20,4), manager_forecast::numeric(20,4)
FROM forecast_rollup();
COMMENT ON VIEW forecast_rollup IS 'What do the deals, the rep and the manager say of this quarter, category by category?';
COMMENT ON COLUMN forecast_rollup.person IS 'Code of the owner of the deals';
COMMENT ON COLUMN forecast_rollup.person_name IS 'Name of the owner';
COMMENT ON COLUMN forecast_rollup.period_from IS 'First day of the period';
COMMENT ON COLUMN forecast_rollup.period_until IS 'Day after its last';
COMMENT ON COLUMN forecast_rollup.category IS 'closed (won in the period), commit, most_likely, best_case, pipeline, omitted, or none for open deals without a category; an open deal called closed is in commit';
COMMENT ON COLUMN forecast_rollup.category_position IS 'Order of the category, 1 for the surest';
COMMENT ON COLUMN forecast_rollup.deals IS 'Deals of the category: won in the period, or open and expected to close in it';
COMMENT ON COLUMN forecast_rollup.amount IS 'Their value';
COMMENT ON COLUMN forecast_rollup.cumulative_deals IS 'Deals of this category and all surer ones; empty for omitted and none, which belong to no rollup';
COMMENT ON COLUMN forecast_rollup.cumulative_amount IS 'Value of this category and all surer ones: what a submission of the category stands beside';
COMMENT ON COLUMN forecast_rollup.rep_forecast IS 'What the rep last submitted in the category for this very period';
COMMENT ON COLUMN forecast_rollup.manager_forecast IS 'What the manager last submitted for the rep';

CREATE FUNCTION forecast_rollup_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, category text,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, coalesce(forecast_rollup_evidence.during, quarter_of(today.today)) AS during
    FROM settings(forecast_rollup_evidence.options, forecast_rollup_evidence.as_of) AS given (options)
    CROSS JOIN LATERAL (SELECT book_date(forecast_rollup_evidence.as_of, given.options) AS today) AS today
  ),
  deal AS (
    SELECT d.*
    FROM chosen
    CROSS JOIN LATERAL rollup_deal(forecast_rollup_evidence.as_of, chosen.during, chosen.options) AS d
  ),
  counted AS (
    SELECT deal.person_id, deal.category, figure.figure, 'opportunity' AS source, deal.source_code, deal.at, figure.value
    FROM deal
    CROSS JOIN LATERAL (VALUES ('deals', 1), ('amount', deal.amount)) AS figure (figure, value)
    UNION ALL
    SELECT deal.person_id, c.category, figure.figure, 'opportunity', deal.source_code, deal.at, figure.value
    FROM deal
    JOIN (VALUES ('closed'), ('commit'), ('most_likely'), ('best_case'), ('pipeline')) AS c (category)
      ON category_position(c.category) >= category_position(deal.category)
    CROSS JOIN LATERAL (VALUES ('cumulative_deals', 1), ('cumulative_amount', deal.amount)) AS figure (figure, value)
    UNION ALL
    SELECT f.person_id, f.category, f.judgement || '_forecast', 'forecast', f.source_code, f.at, f.amount
    FROM chosen
    CROSS JOIN LATERAL rollup_forecast(forecast_rollup_evidence.as_of, chosen.during) AS f
  )
  SELECT who.code, counted.category, counted.figure, counted.source, counted.source_code, counted.at, counted.value
  FROM counted
  JOIN person AS who ON who.person_id = counted.person_id
  WHERE counted.value IS NOT NULL
    AND counted.person_id IN (
      SELECT r.person_id
      FROM chosen
      CROSS JOIN LATERAL report_on(forecast_rollup_evidence.person, chosen.today) AS r);
END;
COMMENT ON FUNCTION forecast_rollup_evidence(timestamptz, text, daterange, jsonb) IS
'The deals and forecasts that each figure of forecast_rollup counted';
