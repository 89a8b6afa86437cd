-- Whom to coach, on what, and the figures that say so.

CREATE FUNCTION amount_text(amount numeric) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(amount, 'FM999,999,999,999,999,990');
COMMENT ON FUNCTION amount_text(numeric) IS 'A whole amount as it is read; the sum of a thousand of the largest, too';

-- Each rule reads one report, compares a person with the norm, with the own
-- forecast or with the other reps, and speaks up only where the difference is
-- both large (a setting) and, for rates, beyond what chance explains.
CREATE FUNCTION coaching_point(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, point text, figure float8, norm float8, n int8, stake numeric, reason text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT chosen.options, today.day AS today,
      coalesce(coaching_point.during, daterange(today.day - 364, today.day + 1)) AS during,
      (chosen.options ->> 'coach_activity_below')::float8 AS activity_below,
      (chosen.options ->> 'coach_step_below')::float8 AS step_below,
      (chosen.options ->> 'coach_size_below')::float8 AS size_below,
      (chosen.options ->> 'coach_bias_above')::float8 AS bias_above,
      (chosen.options ->> 'coach_confidence')::float8 AS confidence,
      (chosen.options ->> 'min_closed')::float8 AS min_closed
    FROM settings(coaching_point.options, coaching_point.as_of) AS chosen (options)
    CROSS JOIN LATERAL (SELECT book_date(coaching_point.as_of, chosen.options) AS day) AS today
  ),
  -- of nested periods the shortest, as in kpi_target(): a quarter and its months are never added
  quota AS (
    SELECT DISTINCT ON (pace.person) pace.person, pace.quota
    FROM plan_pace(coaching_point.as_of, NULL, NULL, coaching_point.options) AS pace
    ORDER BY pace.person, pace.period_until - pace.period_from, pace.period_from DESC
  ),
  -- a win without an amount is a win, and says nothing about the size
  deal AS MATERIALIZED (
    SELECT rep.code AS person, rep.name AS person_name,
      count(*) FILTER (WHERE result.won) AS won, count(*) AS closed,
      count(result.amount) FILTER (WHERE result.won) AS sized,
      avg(result.amount) FILTER (WHERE result.won) AS size
    FROM given
    CROSS JOIN LATERAL closed_deal(coaching_point.as_of, given.options, given.during) AS result
    JOIN person AS rep ON rep.person_id = result.owner_id
    GROUP BY rep.code, rep.name
  ),
  step AS MATERIALIZED (
    SELECT passed.*,
      lag(passed.stage_name) OVER stage_order AS stage_before,
      sum(passed.reached) OVER everybody - passed.reached AS others_reached,
      sum(passed.lost) OVER everybody - passed.lost AS others_lost
    FROM given
    CROSS JOIN LATERAL funnel_by_rep(coaching_point.as_of, NULL, given.during, coaching_point.options) AS passed
    WHERE passed.person IS NOT NULL
    WINDOW stage_order AS (PARTITION BY passed.person, passed.pipeline ORDER BY passed.step),
      everybody AS (PARTITION BY passed.pipeline, passed.step)
  ),
  found AS (
    -- too little of an activity
    SELECT a.person, a.person_name, 'activity' AS point, a.compliance AS figure, 1::float8 AS norm, a.weeks AS n,
      1 - a.compliance AS share,
      format('%s: %s held in %s weeks where the norm is %s (%s %%), below it in %s of them',
        a.metric_name, a.done, a.weeks, round(a.norm::numeric), round(100 * a.compliance::numeric),
        a.weeks - a.weeks_met) AS reason
    FROM given
    CROSS JOIN LATERAL activity_compliance_summary(coaching_point.as_of, NULL, coaching_point.during,
      coaching_point.options) AS a
    WHERE a.compliance < given.activity_below AND a.weeks >= 4

    UNION ALL
    -- deals that stop where those of others go on
    SELECT s.person, s.person_name, 'stage', own.rate, others.rate, s.reached + s.lost,
      1 - own.rate / others.rate,
      format('loses at %s%s: %s of %s decided deals went on from it (%s %%), with the others %s %%',
        s.stage_before, CASE WHEN (SELECT count(*) FROM pipeline) > 1 THEN ' of ' || s.pipeline_name END, s.reached, s.reached + s.lost,
        round(100 * own.rate::numeric), round(100 * others.rate::numeric))
    FROM given
    CROSS JOIN step AS s
    CROSS JOIN LATERAL (SELECT s.reached::float8 / nullif(s.reached + s.lost, 0) AS rate) AS own
    CROSS JOIN LATERAL (
      SELECT s.others_reached::float8 / nullif(s.others_reached + s.others_lost, 0)::float8 AS rate
    ) AS others
    WHERE s.step > 1
      AND s.reached + s.lost >= given.min_closed
      AND own.rate < given.step_below * others.rate
      AND wilson_upper(s.reached, s.reached + s.lost, given.confidence) < others.rate

    UNION ALL
    -- deals smaller than those of the others
    SELECT d.person, d.person_name, 'deal_size', d.size::float8, others.size, d.sized,
      1 - d.size::float8 / nullif(others.size, 0),
      format('small deals: %s on average over %s won, with the other reps %s in the middle',
        amount_text(d.size), d.sized, amount_text(others.size::numeric))
    FROM given
    CROSS JOIN deal AS d
    CROSS JOIN LATERAL (
      SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY peer.size::float8) AS size
      FROM deal AS peer
      WHERE peer.person <> d.person AND peer.sized >= given.min_closed
    ) AS others
    WHERE d.sized >= given.min_closed
      AND d.size < given.size_below * others.size

    UNION ALL
    -- forecasts that miss in one direction
    SELECT f.person, f.person_name, 'forecast', f.bias, 0, f.n,
      -- nothing came in: all of it is missing
      coalesce(abs(f.bias), 1),
      format('forecasts too %s: %s forecast over %s periods, %s came in%s',
        CASE WHEN f.forecast < f.actual THEN 'little (sandbagging)' ELSE 'much (happy ears)' END,
        amount_text(f.forecast), f.n, amount_text(f.actual),
        ' (' || CASE WHEN f.bias > 0 THEN '+' ELSE '' END || round(100 * f.bias::numeric) || ' %)')
    FROM given
    CROSS JOIN LATERAL forecast_accuracy(coaching_point.as_of, NULL, given.during, coaching_point.options) AS f
    WHERE f.judgement = 'rep'
      AND f.n >= 3
      AND coalesce(abs(f.bias) > given.bias_above, f.forecast <> 0)

    UNION ALL
    -- a record too short to be a record
    SELECT d.person, d.person_name, 'too_early', d.won::float8 / d.closed::float8, team.rate, d.closed,
      0,
      format('won %s of %s: too few to judge, the rate may lie anywhere from %s to %s %%',
        d.won, d.closed,
        round(100 * wilson_lower(d.won, d.closed, given.confidence)::numeric),
        round(100 * wilson_upper(d.won, d.closed, given.confidence)::numeric))
    FROM given
    CROSS JOIN deal AS d
    CROSS JOIN (SELECT sum(won)::float8 / nullif(sum(closed), 0)::float8 AS rate FROM deal) AS team
    WHERE d.closed < given.min_closed
      AND d.won::float8 / d.closed::float8 > team.rate

    UNION ALL
    -- a manager who sells
    SELECT m.person, m.person_name, 'manager_selling', m.accounts_owned::float8,
      (given.options ->> 'manager_accounts_limit')::float8, m.open_deals,
      0,
      format('still sells: owns %s %s and %s open %s worth %s',
        m.accounts_owned, CASE m.accounts_owned WHEN 1 THEN 'account' ELSE 'accounts' END,
        m.open_deals, CASE m.open_deals WHEN 1 THEN 'deal' ELSE 'deals' END, amount_text(coalesce(m.open_amount, 0)))
    FROM given
    CROSS JOIN LATERAL manager_selling(coaching_point.as_of, NULL, NULL, coaching_point.options) AS m
    WHERE m.over_accounts_limit
  )
  SELECT found.person, found.person_name, found.point, found.figure, found.norm, found.n,
    -- no shortfall is worth more than all of the quota
    coalesce(round(least(found.share, 1)::numeric * quota.quota, 4), 0),
    found.reason
  FROM given
  CROSS JOIN found
  JOIN person AS who ON who.code = found.person
  LEFT JOIN quota ON quota.person = found.person
  WHERE who.person_id IN (
    SELECT r.person_id
    FROM report_on(coaching_point.person, given.today) AS r)
    -- who has left is not there to be coached; where no job is on record, nobody knows
    AND coalesce((
      SELECT bool_or(job.during @> given.today)
      FROM employment AS job
      WHERE job.person_id = who.person_id AND lower(job.during) <= given.today), true);
END;
COMMENT ON FUNCTION coaching_point(timestamptz, text, daterange, jsonb) IS
'Whom to coach and on what: everybody whose figures stand out against the norm, the other reps or the own forecast, with the reason in words';

CREATE VIEW coaching_point WITH (security_invoker) AS
SELECT person, person_name, point, figure, norm, n, stake::numeric(20,4), reason
FROM coaching_point();
COMMENT ON VIEW coaching_point IS 'Whom should I coach today, on what, and why?';
COMMENT ON COLUMN coaching_point.person IS 'Code of the person';
COMMENT ON COLUMN coaching_point.person_name IS 'Name of the person';
COMMENT ON COLUMN coaching_point.point IS
'activity (too little of one), stage (deals stop there), deal_size (too small), forecast (misses in one direction), too_early (a good rate on too few deals), manager_selling (owns accounts)';
COMMENT ON COLUMN coaching_point.figure IS 'The figure that stands out: a rate, an average amount, a bias or a count; empty for forecasts of which nothing came in';
COMMENT ON COLUMN coaching_point.norm IS 'What it is compared with';
COMMENT ON COLUMN coaching_point.n IS 'On how many cases it rests: weeks, deals, periods';
COMMENT ON COLUMN coaching_point.stake IS 'What the shortfall is worth of the running quota, at most all of it: quota × (1 − figure / norm), or × bias';
COMMENT ON COLUMN coaching_point.reason IS 'The reason in words, with the figures';
