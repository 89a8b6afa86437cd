-- What became of the deals that were in a category so many days before a quarter ended.

-- Every open deal as it stood at each of these instants, and what came of it by as_of.
-- Quarters that have ended and overlap during; by default those that ended in the last 365 days.
CREATE FUNCTION deal_snapshot(as_of timestamptz, during daterange, options jsonb) RETURNS TABLE (
  opportunity_id bigint, owner_id bigint, stage_id bigint, category text, expected_close date, amount numeric,
  period daterange, days_ahead int, seen_on date, seen_at timestamptz, won boolean, closed_on date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT book_date(deal_snapshot.as_of, deal_snapshot.options) AS today
  ),
  -- a quarter lasts more than two weeks
  quarter AS (
    SELECT DISTINCT quarter_of(day.day::date) AS during
    FROM chosen
    CROSS JOIN LATERAL (
      SELECT
        CASE WHEN deal_snapshot.during IS NULL THEN chosen.today - 365
          ELSE greatest(lower(deal_snapshot.during), (SELECT min(o.created_at)::date - 1 FROM opportunity AS o)) END AS since,
        CASE WHEN deal_snapshot.during IS NULL THEN chosen.today
          ELSE least(upper(deal_snapshot.during), chosen.today) END AS until
    ) AS span
    CROSS JOIN LATERAL (
      SELECT generate_series(span.since::timestamp, span.until::timestamp - interval '1 day', interval '14 days')
      UNION ALL
      SELECT span.until::timestamp - interval '1 day'
      WHERE span.since < span.until
    ) AS day (day)
    WHERE NOT coalesce(isempty(deal_snapshot.during), false)
  ),
  instant AS MATERIALIZED (
    SELECT quarter.during, ahead.days AS days_ahead, upper(quarter.during) - ahead.days AS seen_on,
      book_midnight(upper(quarter.during) - ahead.days, deal_snapshot.options) AS at
    FROM chosen
    CROSS JOIN quarter
    CROSS JOIN days_ahead(deal_snapshot.options) AS ahead (days)
    WHERE upper(quarter.during) <= chosen.today
      AND (deal_snapshot.during IS NOT NULL OR upper(quarter.during) > chosen.today - 365)
  ),
  -- what happens at the instant is after it
  moment AS MATERIALIZED (
    SELECT instant.during, instant.days_ahead, instant.seen_on, instant.at AS seen_at, instant.at - interval '1 microsecond' AS at
    FROM instant
  ),
  -- once: where few deals are asked for, a plan might find the closed ones anew for each
  closed AS MATERIALIZED (
    SELECT d.opportunity_id, d.won, d.closed_on
    FROM (SELECT min(moment.at) AS at FROM moment) AS first
    -- what was open at one of the moments and has closed changed after the first
    CROSS JOIN LATERAL closed_deal(
      deal_snapshot.as_of, deal_snapshot.options || '{"win_rate_min_amount": 0}', changed_after => first.at) AS d
  ),
  -- What deal_at() says of each of the moments, in one go.  A deal that is in its present state
  -- and open has not closed.  The others are looked up, all moments of a deal one after the other:
  -- its rows lie on one page of the key.
  asked AS (
    SELECT later.*, moment.*
    FROM (
      SELECT o.opportunity_id, o.first_changed_at, o.changed_at, closed.won, closed.closed_on
      FROM opportunity AS o
      LEFT JOIN closed ON closed.opportunity_id = o.opportunity_id
      WHERE o.changed_at > (SELECT min(moment.at) FROM moment) AND o.first_changed_at <= (SELECT max(moment.at) FROM moment)
      -- + 0: sorted, in the order of the ledger's key, as in deal_at
      ORDER BY o.opportunity_id + 0
    ) AS later
    -- LEFT: the moments of each deal, not the deals of each moment; of no moment, nothing is found
    LEFT JOIN moment ON moment.at >= later.first_changed_at AND moment.at < later.changed_at
    OFFSET 0
  ),
  state AS (
    SELECT o.opportunity_id, o.owner_id, o.stage_id, o.forecast_category, o.expected_close, o.amount::numeric AS amount,
      moment.during, moment.days_ahead, moment.seen_on, moment.seen_at, NULL::boolean AS won, NULL::date AS closed_on
    FROM opportunity AS o
    JOIN moment ON moment.at >= coalesce(o.changed_at, o.created_at)
    -- twice, as in open_deal
    WHERE o.stage_id = ANY (ARRAY(SELECT s.stage_id FROM stage AS s WHERE s.outcome = 'open'))
      AND coalesce(o.changed_at, o.created_at) <= (SELECT max(moment.at) FROM moment)
    UNION ALL
    SELECT asked.opportunity_id, known.owner_id, known.stage_id, known.forecast_category, known.expected_close, known.amount,
      asked.during, asked.days_ahead, asked.seen_on, asked.seen_at, asked.won, asked.closed_on
    FROM asked
    CROSS JOIN LATERAL change_up_to(asked.opportunity_id, asked.at) AS known
  )
  SELECT state.opportunity_id, state.owner_id, state.stage_id, coalesce(state.forecast_category, 'none'), state.expected_close, state.amount,
    state.during, state.days_ahead, state.seen_on, state.seen_at, state.won, state.closed_on
  FROM state
  -- a value known before the deals are read: the others are left out where they are read
  WHERE state.stage_id = ANY (ARRAY(SELECT s.stage_id FROM stage AS s WHERE s.outcome = 'open'));
END;
COMMENT ON FUNCTION deal_snapshot(timestamptz, daterange, jsonb) IS
'Every deal that was open so many days before each ended quarter closed (setting forecast_days_ahead), as it stood then, and what came of it; options as settings() gives them';

CREATE FUNCTION commit_reliability(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, category text, category_position int, days_ahead int,
  deals int8, won int8, lost int8, slipped int8, won_rate float8, won_rate_lower float8, won_rate_upper float8,
  amount numeric, won_amount numeric, won_amount_rate float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, (given.options ->> 'confidence')::float8 AS confidence
    FROM settings(commit_reliability.options, commit_reliability.as_of) AS given (options)
  ),
  counted AS (
    SELECT deal.owner_id, deal.category, deal.days_ahead, count(*) AS deals,
      count(*) FILTER (WHERE deal.won AND deal.closed_on <@ deal.period) AS won,
      count(*) FILTER (WHERE NOT deal.won AND deal.closed_on < upper(deal.period)) AS lost,
      coalesce(sum(deal.amount), 0) AS amount,
      coalesce(sum(deal.amount) FILTER (WHERE deal.won AND deal.closed_on <@ deal.period), 0) AS won_amount
    FROM chosen
    CROSS JOIN LATERAL deal_snapshot(commit_reliability.as_of, commit_reliability.during, chosen.options) AS deal
    WHERE deal.expected_close <@ deal.period
      AND deal.owner_id IN (
        SELECT who.person_id
        FROM chosen AS given
        CROSS JOIN LATERAL report_on(commit_reliability.person, book_date(commit_reliability.as_of, given.options)) AS who)
    GROUP BY deal.owner_id, deal.category, deal.days_ahead
  )
  SELECT who.code, who.name, c.category, category_position(c.category), c.days_ahead,
    c.deals, c.won, c.lost, c.deals - c.won - c.lost, c.won::float8 / c.deals,
    wilson_lower(c.won, c.deals, chosen.confidence), wilson_upper(c.won, c.deals, chosen.confidence),
    c.amount::numeric(20,4), c.won_amount::numeric(20,4), (c.won_amount / nullif(c.amount, 0))::float8
  FROM chosen
  CROSS JOIN counted AS c
  JOIN person AS who ON who.person_id = c.owner_id;
END;
COMMENT ON FUNCTION commit_reliability(timestamptz, text, daterange, jsonb) IS
'Of the deals that stood in a category, to close within the quarter, so many days before it ended: how many were won in it; person: the owner at that time; during: quarters that overlap it and have ended, by default those that ended in the last 365 days';

CREATE VIEW commit_reliability WITH (security_invoker) AS
SELECT person, person_name, category, category_position, days_ahead, deals, won, lost, slipped,
  won_rate, won_rate_lower, won_rate_upper, amount::numeric(20,4), won_amount::numeric(20,4), won_amount_rate
FROM commit_reliability();
COMMENT ON VIEW commit_reliability IS 'Of what was in commit so many days before the quarter ended, how much was won in it?';
COMMENT ON COLUMN commit_reliability.person IS 'Code of the owner at that time';
COMMENT ON COLUMN commit_reliability.person_name IS 'Name of the owner';
COMMENT ON COLUMN commit_reliability.category IS 'Forecast category at that time; none where the deal had no category';
COMMENT ON COLUMN commit_reliability.category_position IS 'Order of the category, 1 for the surest';
COMMENT ON COLUMN commit_reliability.days_ahead IS 'Days before the end of the quarter';
COMMENT ON COLUMN commit_reliability.deals IS 'Deals open then and expected to close in the quarter, over all the quarters';
COMMENT ON COLUMN commit_reliability.won IS 'Of these, deals won in the quarter';
COMMENT ON COLUMN commit_reliability.lost IS 'Of these, deals lost before it ended';
COMMENT ON COLUMN commit_reliability.slipped IS 'The others: decided later, or open still';
COMMENT ON COLUMN commit_reliability.won_rate IS 'won / deals, 0..1: the chance that what stands in the category is won in the quarter';
COMMENT ON COLUMN commit_reliability.won_rate_lower IS 'Lower bound of won_rate, at the confidence of setting confidence';
COMMENT ON COLUMN commit_reliability.won_rate_upper IS 'Upper bound of won_rate';
COMMENT ON COLUMN commit_reliability.amount IS 'Value of the deals as it stood then';
COMMENT ON COLUMN commit_reliability.won_amount IS 'Of it, that of the deals won in the quarter';
COMMENT ON COLUMN commit_reliability.won_amount_rate IS 'won_amount / amount';

CREATE FUNCTION commit_reliability_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, category text, days_ahead int,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options
    FROM settings(commit_reliability_evidence.options, commit_reliability_evidence.as_of) AS given (options)
  )
  SELECT who.code, deal.category, deal.days_ahead, figure.figure, 'opportunity', o.code, deal.seen_at, figure.value
  FROM chosen
  CROSS JOIN LATERAL deal_snapshot(commit_reliability_evidence.as_of, commit_reliability_evidence.during, chosen.options) AS deal
  CROSS JOIN LATERAL (
    SELECT CASE
      WHEN deal.won AND deal.closed_on <@ deal.period THEN 'won'
      WHEN NOT deal.won AND deal.closed_on < upper(deal.period) THEN 'lost'
      ELSE 'slipped'
    END AS fate
  ) AS became
  CROSS JOIN LATERAL (VALUES
    ('deals', 1), (became.fate, 1), ('amount', deal.amount), (CASE became.fate WHEN 'won' THEN 'won_amount' END, deal.amount)
  ) AS figure (figure, value)
  JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
  JOIN person AS who ON who.person_id = deal.owner_id
  WHERE deal.expected_close <@ deal.period
    AND figure.figure IS NOT NULL AND figure.value IS NOT NULL
    AND deal.owner_id IN (
      SELECT r.person_id
      FROM chosen AS given
      CROSS JOIN LATERAL report_on(commit_reliability_evidence.person, book_date(commit_reliability_evidence.as_of, given.options)) AS r);
END;
COMMENT ON FUNCTION commit_reliability_evidence(timestamptz, text, daterange, jsonb) IS
'The deals that each figure of commit_reliability counted, at the instant they were looked at';

-- The probabilities that the stages promised, against what was won of the deals decided since.
CREATE FUNCTION probability_calibration(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (days_ahead int, bin int, probability_lower float8, probability_upper float8, n int8, won int8,
  mean_probability float8, won_rate float8, won_rate_lower float8, won_rate_upper float8,
  brier_score float8, brier_skill float8, brier_n int8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, calibration_options(bins => 10, confidence => (given.options ->> 'confidence')::float8) AS rules
    FROM settings(probability_calibration.options, probability_calibration.as_of) AS given (options)
  ),
  judged AS (
    SELECT deal.days_ahead,
      calibration(rule.probability::float8, deal.won, (SELECT given.rules FROM chosen AS given)) AS bins,
      brier(rule.probability::float8, deal.won) AS brier
    FROM chosen
    CROSS JOIN LATERAL deal_snapshot(probability_calibration.as_of, probability_calibration.during, chosen.options) AS deal
    JOIN stage_rule AS rule
      ON rule.stage_id = deal.stage_id AND rule.during @> deal.seen_on AND rule.probability IS NOT NULL
    WHERE deal.won IS NOT NULL
      AND (probability_calibration.person IS NULL
        OR deal.owner_id IN (
          SELECT who.person_id
          FROM chosen AS given
          CROSS JOIN LATERAL report_on(probability_calibration.person, book_date(probability_calibration.as_of, given.options)) AS who))
    GROUP BY deal.days_ahead
  )
  SELECT judged.days_ahead, b.bin, b.probability_lower, b.probability_upper, b.n, b.won,
    b.mean_probability, b.won_rate, b.won_rate_lower, b.won_rate_upper,
    (judged.brier).score, (judged.brier).skill, (judged.brier).n
  FROM judged
  CROSS JOIN LATERAL unnest(judged.bins) AS b
  WHERE b.n > 0;
END;
COMMENT ON FUNCTION probability_calibration(timestamptz, text, daterange, jsonb) IS
'The probability of the stage each open deal was in so many days before a quarter ended, against what was won of the deals decided by as_of; during as in commit_reliability';

CREATE VIEW probability_calibration WITH (security_invoker) AS
SELECT *
FROM probability_calibration();
COMMENT ON VIEW probability_calibration IS 'Of the deals whose stage promised 70 %, how many were won?';
COMMENT ON COLUMN probability_calibration.days_ahead IS 'Days before the end of the quarter at which the deals were looked at';
COMMENT ON COLUMN probability_calibration.bin IS 'Number of the bin of probabilities, from 1 to 10';
COMMENT ON COLUMN probability_calibration.probability_lower IS 'Lowest probability of the bin';
COMMENT ON COLUMN probability_calibration.probability_upper IS 'Where the next bin begins';
COMMENT ON COLUMN probability_calibration.n IS 'Deals in it that are decided by now; one looked at in several quarters counts in each';
COMMENT ON COLUMN probability_calibration.won IS 'Of these, deals won';
COMMENT ON COLUMN probability_calibration.mean_probability IS 'Mean of the probabilities: what was promised';
COMMENT ON COLUMN probability_calibration.won_rate IS 'won / n: what came';
COMMENT ON COLUMN probability_calibration.won_rate_lower IS 'Lower bound of won_rate, at the confidence of setting confidence; above mean_probability too little was promised';
COMMENT ON COLUMN probability_calibration.won_rate_upper IS 'Upper bound of won_rate; below mean_probability too much was promised';
COMMENT ON COLUMN probability_calibration.brier_score IS 'Mean of (probability - outcome)^2 over all bins: 0 is perfect';
COMMENT ON COLUMN probability_calibration.brier_skill IS '1 - brier_score / the score of always saying the mean rate; below 0 the probabilities are worse than that';
COMMENT ON COLUMN probability_calibration.brier_n IS 'Deals over all bins';

CREATE FUNCTION probability_calibration_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (days_ahead int, bin int,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options
    FROM settings(probability_calibration_evidence.options, probability_calibration_evidence.as_of) AS given (options)
  )
  SELECT deal.days_ahead, least(floor(rule.probability::float8 * 10)::int, 9) + 1, figure.figure, 'opportunity', o.code, deal.seen_at, 1
  FROM chosen
  CROSS JOIN LATERAL deal_snapshot(probability_calibration_evidence.as_of, probability_calibration_evidence.during, chosen.options) AS deal
  JOIN stage_rule AS rule
    ON rule.stage_id = deal.stage_id AND rule.during @> deal.seen_on AND rule.probability IS NOT NULL
  CROSS JOIN LATERAL (VALUES ('n'), (CASE WHEN deal.won THEN 'won' END)) AS figure (figure)
  JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
  WHERE deal.won IS NOT NULL AND figure.figure IS NOT NULL
    AND (probability_calibration_evidence.person IS NULL
      OR deal.owner_id IN (
        SELECT r.person_id
        FROM chosen AS given
        CROSS JOIN LATERAL report_on(probability_calibration_evidence.person, book_date(probability_calibration_evidence.as_of, given.options)) AS r));
END;
COMMENT ON FUNCTION probability_calibration_evidence(timestamptz, text, daterange, jsonb) IS
'The deals that each figure of probability_calibration counted';
