-- Is there enough in the pipeline to make what is left of the quota?

CREATE FUNCTION covered_quota(as_of timestamptz, person text, during daterange, options jsonb) RETURNS TABLE (
  person_id bigint, during daterange, target numeric, plan_target_id bigint, revised_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT book_date(covered_quota.as_of, covered_quota.options) AS today
  )
  SELECT quota.person_id, quota.during, quota.target, quota.plan_target_id, quota.revised_at
  FROM chosen
  CROSS JOIN (
    SELECT t.person_id, t.during, t.target, t.plan_target_id, t.revised_at,
      dense_rank() OVER (
        PARTITION BY t.person_id, t.during @> chosen.today
        ORDER BY lower(t.during)) AS place
    FROM chosen
    CROSS JOIN LATERAL target_in_force(covered_quota.as_of, chosen.today) AS t
    WHERE t.kind = 'quota'
      AND t.metric = 'bookings'
      AND NOT t.handed_down
      AND CASE
        WHEN covered_quota.during IS NULL THEN upper(t.during) > chosen.today
        ELSE t.during && covered_quota.during
      END
      AND t.person_id IN (
        SELECT who.person_id
        FROM chosen AS today
        CROSS JOIN LATERAL report_on(covered_quota.person, today.today) AS who)
  ) AS quota
  WHERE covered_quota.during IS NOT NULL
    OR quota.during @> chosen.today
    OR quota.place < (covered_quota.options ->> 'coverage_periods')::numeric;
END;
COMMENT ON FUNCTION covered_quota(timestamptz, text, daterange, jsonb) IS
'The quotas of pipeline_coverage, to be summed by person and period: periods that overlap during, by default those that contain as_of and, with setting coverage_periods, the next ones; options as settings() gives them';

CREATE FUNCTION pipeline_coverage(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, period_from date, period_until date,
  quota numeric, booked numeric, remaining numeric, met boolean,
  open_deals int8, open_without_amount int8, open_pipeline numeric, coverage float8, gross_coverage float8,
  weighted_pipeline numeric, unweighted_deals int8,
  won int8, closed int8, win_rate float8, shrunk_win_rate float8, required_coverage float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(pipeline_coverage.as_of, given.options) AS today
    FROM settings(pipeline_coverage.options, pipeline_coverage.as_of) AS given (options)
  ),
  asked AS (
    SELECT quota.person_id, quota.during, sum(quota.target) AS quota
    FROM chosen
    CROSS JOIN LATERAL covered_quota(
      pipeline_coverage.as_of, pipeline_coverage.person, pipeline_coverage.during, chosen.options) AS quota
    GROUP BY quota.person_id, quota.during
  ),
  booked AS (
    SELECT asked.person_id, asked.during, sum(b.amount) AS amount
    FROM chosen
    CROSS JOIN asked
    CROSS JOIN LATERAL credited_to(
      asked.person_id, lower(asked.during), least(upper(asked.during), chosen.today + 1)) AS b
    GROUP BY asked.person_id, asked.during
  ),
  expected AS (
    SELECT asked.person_id, asked.during, count(*) AS deals,
      count(*) FILTER (WHERE deal.amount IS NULL) AS without_amount, coalesce(sum(deal.amount), 0) AS amount,
      coalesce(sum(deal.amount * rule.probability), 0) AS weighted,
      count(*) FILTER (WHERE rule.probability IS NULL) AS unweighted
    FROM chosen
    CROSS JOIN asked
    JOIN open_deal(pipeline_coverage.as_of) AS deal
      ON deal.owner_id = asked.person_id AND asked.during @> deal.expected_close
    LEFT JOIN stage_rule AS rule
      ON rule.stage_id = deal.stage_id AND rule.during @> chosen.today
    GROUP BY asked.person_id, asked.during
  ),
  -- The rep's deals closed in the last 365 days, and with no rep everybody's.
  closed AS MATERIALIZED (
    SELECT deal.owner_id, grouping(deal.owner_id) = 1 AS everybody,
      count(*) FILTER (WHERE deal.won) AS won, count(*) AS closed
    FROM chosen
    CROSS JOIN LATERAL closed_deal(
      pipeline_coverage.as_of, chosen.options, daterange(chosen.today - 364, chosen.today + 1)) AS deal
    GROUP BY ROLLUP (deal.owner_id)
  ),
  rate AS (
    SELECT asked.person_id, asked.during, coalesce(own.won, 0) AS won, coalesce(own.closed, 0) AS closed,
      shrunk_rate(coalesce(own.won, 0), coalesce(own.closed, 0),
        peers.won::float8 / nullif(peers.closed, 0), (chosen.options ->> 'shrink_prior_n')::float8) AS shrunk
    FROM chosen
    CROSS JOIN asked
    LEFT JOIN closed AS own ON own.owner_id = asked.person_id AND NOT own.everybody
    LEFT JOIN closed AS peers ON peers.everybody
  )
  SELECT rep.code, rep.name, lower(asked.during), upper(asked.during),
    asked.quota, coalesce(booked.amount, 0), left_over.remaining, left_over.remaining <= 0,
    coalesce(expected.deals, 0), coalesce(expected.without_amount, 0), coalesce(expected.amount, 0),
    CASE WHEN left_over.remaining > 0 THEN (coalesce(expected.amount, 0) / left_over.remaining)::float8 END,
    CASE WHEN asked.quota > 0 THEN (coalesce(expected.amount, 0) / asked.quota)::float8 END,
    coalesce(expected.weighted, 0), coalesce(expected.unweighted, 0),
    rate.won, rate.closed, rate.won::float8 / nullif(rate.closed, 0), rate.shrunk, 1 / nullif(rate.shrunk, 0)
  FROM asked
  JOIN person AS rep ON rep.person_id = asked.person_id
  JOIN rate ON rate.person_id = asked.person_id AND rate.during = asked.during
  LEFT JOIN booked ON booked.person_id = asked.person_id AND booked.during = asked.during
  LEFT JOIN expected ON expected.person_id = asked.person_id AND expected.during = asked.during
  CROSS JOIN LATERAL (SELECT asked.quota - coalesce(booked.amount, 0)) AS left_over (remaining)
  ORDER BY rep.code, lower(asked.during), upper(asked.during);
END;
COMMENT ON FUNCTION pipeline_coverage(timestamptz, text, daterange, jsonb) IS
'Open pipeline of each person that closes in a quota period, against what is left of the quota; during: periods that overlap it, by default those that contain as_of and, with setting coverage_periods, the next ones';

CREATE VIEW pipeline_coverage WITH (security_invoker) AS
SELECT person, person_name, period_from, period_until,
  quota::numeric(20,4), booked::numeric(20,4), remaining::numeric(20,4), met,
  open_deals, open_without_amount, open_pipeline::numeric(20,4), coverage, gross_coverage,
  weighted_pipeline::numeric(20,4), unweighted_deals,
  won, closed, win_rate, shrunk_win_rate, required_coverage
FROM pipeline_coverage();
COMMENT ON VIEW pipeline_coverage IS 'Has each rep enough open business to make what is left of the quota, at the rate at which the rep wins?';
COMMENT ON COLUMN pipeline_coverage.person IS 'Code of the person';
COMMENT ON COLUMN pipeline_coverage.person_name IS 'Name of the person';
COMMENT ON COLUMN pipeline_coverage.period_from IS 'First day of the quota period';
COMMENT ON COLUMN pipeline_coverage.period_until IS 'Day after the last of the quota period';
COMMENT ON COLUMN pipeline_coverage.quota IS 'Target of bookings in the newest revision, summed over the person''s plans with this very period';
COMMENT ON COLUMN pipeline_coverage.booked IS 'Bookings credited to the person in the period so far';
COMMENT ON COLUMN pipeline_coverage.remaining IS 'quota - booked';
COMMENT ON COLUMN pipeline_coverage.met IS 'Whether nothing is left of the quota';
COMMENT ON COLUMN pipeline_coverage.open_deals IS 'Open deals of the person that are expected to close in the period';
COMMENT ON COLUMN pipeline_coverage.open_without_amount IS 'Of these, deals without an amount: they add nothing to open_pipeline';
COMMENT ON COLUMN pipeline_coverage.open_pipeline IS 'Value of the open deals';
COMMENT ON COLUMN pipeline_coverage.coverage IS 'open_pipeline / remaining; empty once the quota is met';
COMMENT ON COLUMN pipeline_coverage.gross_coverage IS 'open_pipeline / quota, whatever has been booked; empty for a quota of 0';
COMMENT ON COLUMN pipeline_coverage.weighted_pipeline IS 'Value of the open deals times the probability of their stage in force';
COMMENT ON COLUMN pipeline_coverage.unweighted_deals IS 'Open deals in stages without a probability: they are not in weighted_pipeline';
COMMENT ON COLUMN pipeline_coverage.won IS 'Deals the person won in the last 365 days';
COMMENT ON COLUMN pipeline_coverage.closed IS 'Deals the person won or lost in the last 365 days';
COMMENT ON COLUMN pipeline_coverage.win_rate IS 'won / closed, 0..1';
COMMENT ON COLUMN pipeline_coverage.shrunk_win_rate IS 'Win rate pulled toward that of all, as if shrink_prior_n more deals had closed at it, 0..1';
COMMENT ON COLUMN pipeline_coverage.required_coverage IS '1 / shrunk_win_rate: the coverage that makes the quota at this rate';

-- As win_rate_from_stage counts, by the owner at the close, and everybody's
-- without an owner.
CREATE FUNCTION won_from_stage(as_of timestamptz, options jsonb)
RETURNS TABLE (stage_id bigint, owner_id bigint, is_everybody boolean, won int8, closed int8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH counted AS (
    SELECT deal.pipeline_id, deal.step, deal.owner_id, grouping(deal.owner_id) = 1 AS is_everybody,
      count(*) FILTER (WHERE deal.won) AS won, count(*) AS closed
    FROM furthest_step(won_from_stage.as_of, NULL, NULL, won_from_stage.options) AS deal
    GROUP BY deal.pipeline_id, deal.step, ROLLUP (deal.owner_id)
  )
  SELECT s.stage_id, counted.owner_id, counted.is_everybody, sum(counted.won)::int8, sum(counted.closed)::int8
  FROM stage_step() AS step
  JOIN stage AS s ON s.stage_id = step.stage_id AND s.outcome = 'open'
  JOIN counted ON counted.pipeline_id = step.pipeline_id AND counted.step >= step.step
  GROUP BY s.stage_id, counted.owner_id, counted.is_everybody;
END;
COMMENT ON FUNCTION won_from_stage(timestamptz, jsonb) IS
'Won of the deals closed in the 365 days up to as_of that had reached each open stage, by owner and of everybody; options as settings() gives them';

-- The history is read only where the stage has no probability, or is not to be asked.
CREATE FUNCTION likely_deal(as_of timestamptz, options jsonb)
RETURNS TABLE (opportunity_id bigint, owner_id bigint, expected_close date, amount numeric, probability float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH deal AS MATERIALIZED (
    SELECT d.opportunity_id, d.owner_id, d.stage_id, d.expected_close, d.amount,
      CASE WHEN likely_deal.options ->> 'target_chance_from' <> 'own' THEN rule.probability END::float8 AS probability
    FROM book_date(likely_deal.as_of, likely_deal.options) AS given (today)
    CROSS JOIN open_deal(likely_deal.as_of) AS d
    LEFT JOIN stage_rule AS rule ON rule.stage_id = d.stage_id AND rule.during @> given.today
    WHERE d.expected_close IS NOT NULL
  ),
  rate AS MATERIALIZED (
    SELECT w.*
    FROM won_from_stage(likely_deal.as_of, likely_deal.options) AS w
    WHERE (SELECT bool_or(deal.probability IS NULL) FROM deal)
  )
  SELECT deal.opportunity_id, deal.owner_id, deal.expected_close, deal.amount,
    coalesce(deal.probability, shrunk_rate(coalesce(own.won, 0), coalesce(own.closed, 0),
      everybody.won::float8 / everybody.closed, (likely_deal.options ->> 'shrink_prior_n')::float8))
  FROM deal
  LEFT JOIN rate AS own
    ON own.stage_id = deal.stage_id AND own.owner_id = deal.owner_id AND NOT own.is_everybody
  LEFT JOIN rate AS everybody
    ON everybody.stage_id = deal.stage_id AND everybody.is_everybody;
END;
COMMENT ON FUNCTION likely_deal(timestamptz, jsonb) IS
'The open deals with an expected close, and how likely each is won: by the rule of its stage, or by the owner''s own rate from there; options as settings() gives them';
