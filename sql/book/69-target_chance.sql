-- How likely is the quota, with what has been won and what is open?

CREATE FUNCTION target_chance(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, period_from date, period_until date,
  quota numeric, effective_quota numeric, booked numeric, open_deals int8, open_without_amount int8, open_without_probability int8,
  open_pipeline numeric, weighted_pipeline numeric, chance float8, chance_lower float8, chance_upper float8,
  p10 numeric, p50 numeric, p90 numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(target_chance.as_of, given.options) AS today
    FROM settings(target_chance.options, target_chance.as_of) AS given (options)
  ),
  asked AS MATERIALIZED (
    SELECT q.*
    FROM chosen
    CROSS JOIN LATERAL quota_asked(target_chance.as_of, target_chance.during, target_chance.person, chosen.options) AS q
  ),
  booked AS (
    SELECT asked.person_id, asked.during, sum(b.amount) AS amount
    FROM chosen
    CROSS JOIN asked
    CROSS JOIN LATERAL credited_to(
      asked.person_id, lower(asked.during), least(upper(asked.during), chosen.today + 1)) AS b
    GROUP BY asked.person_id, asked.during
  ),
  deal AS MATERIALIZED (
    SELECT asked.person_id, asked.during, d.amount, d.probability
    FROM chosen
    CROSS JOIN LATERAL likely_deal(target_chance.as_of, chosen.options) AS d
    JOIN asked ON asked.person_id = d.owner_id AND asked.during @> d.expected_close
  ),
  expected AS (
    SELECT deal.person_id, deal.during, count(*) AS deals,
      count(*) FILTER (WHERE deal.amount IS NULL) AS without_amount,
      count(*) FILTER (WHERE deal.probability IS NULL) AS without_probability,
      sum(deal.amount) AS amount, sum(deal.amount * deal.probability::numeric) AS weighted
    FROM deal
    GROUP BY deal.person_id, deal.during
  ),
  outlook AS (
    SELECT row.person_id, row.during, bookings_distribution(row.amount, row.probability, round(row.quota, 4)) AS d
    FROM (
      SELECT asked.person_id, asked.during, asked.effective_quota AS quota, coalesce(booked.amount, 0) AS amount, 1 AS probability
      FROM asked
      LEFT JOIN booked ON booked.person_id = asked.person_id AND booked.during = asked.during
      UNION ALL
      SELECT asked.person_id, asked.during, asked.effective_quota, deal.amount, deal.probability
      FROM asked
      JOIN deal ON deal.person_id = asked.person_id AND deal.during = asked.during
    ) AS row
    GROUP BY row.person_id, row.during
  )
  SELECT rep.code, rep.name, lower(asked.during), upper(asked.during),
    asked.quota, asked.effective_quota, coalesce(booked.amount, 0),
    coalesce(expected.deals, 0), coalesce(expected.without_amount, 0), coalesce(expected.without_probability, 0),
    coalesce(expected.amount, 0), coalesce(expected.weighted, 0),
    (outlook.d).chance, (outlook.d).chance_lower, (outlook.d).chance_upper,
    (outlook.d).p10, (outlook.d).p50, (outlook.d).p90
  FROM asked
  JOIN person AS rep ON rep.person_id = asked.person_id
  JOIN outlook ON outlook.person_id = asked.person_id AND outlook.during = asked.during
  LEFT JOIN booked ON booked.person_id = asked.person_id AND booked.during = asked.during
  LEFT JOIN expected ON expected.person_id = asked.person_id AND expected.during = asked.during
  ORDER BY rep.code, lower(asked.during), upper(asked.during);
END;
COMMENT ON FUNCTION target_chance(timestamptz, text, daterange, jsonb) IS
'The chance that each person''s bookings and open deals of a quota period make the effective quota, by the exact distribution of what may be won; during: periods that overlap it, by default those that contain as_of';

CREATE VIEW target_chance WITH (security_invoker) AS
SELECT person, person_name, period_from, period_until,
  quota::numeric(20,4), effective_quota::numeric(20,4), booked::numeric(20,4),
  open_deals, open_without_amount, open_without_probability, open_pipeline::numeric(20,4), weighted_pipeline::numeric(20,4),
  chance, chance_lower, chance_upper, p10::numeric(20,4), p50::numeric(20,4), p90::numeric(20,4)
FROM target_chance();
COMMENT ON VIEW target_chance IS 'How likely does each rep reach the quota with what is won and what is open, and what will probably come in?';
COMMENT ON COLUMN target_chance.person IS 'Code of the person';
COMMENT ON COLUMN target_chance.person_name IS 'Name of the person';
COMMENT ON COLUMN target_chance.period_from IS 'First day of the quota period';
COMMENT ON COLUMN target_chance.period_until IS 'Day after the last of the quota period';
COMMENT ON COLUMN target_chance.quota IS 'Target of bookings in the newest revision, summed over the person''s plans with this very period';
COMMENT ON COLUMN target_chance.effective_quota IS 'What of it is asked of somebody who is new or was not there all the time, as in quota_attainment; quota itself where no job is recorded, and with setting quota_effective false';
COMMENT ON COLUMN target_chance.booked IS 'Bookings credited to the person in the period so far';
COMMENT ON COLUMN target_chance.open_deals IS 'Open deals of the person that are expected to close in the period';
COMMENT ON COLUMN target_chance.open_without_amount IS 'Of these, deals without an amount: they are left out of the chance';
COMMENT ON COLUMN target_chance.open_without_probability IS 'Of these, deals whose chance nothing tells: they are left out as well';
COMMENT ON COLUMN target_chance.open_pipeline IS 'Value of the open deals';
COMMENT ON COLUMN target_chance.weighted_pipeline IS 'Value of the open deals times their probability';
COMMENT ON COLUMN target_chance.chance IS 'Probability that booked and what is won of the open deals make effective_quota, 0..1';
COMMENT ON COLUMN target_chance.chance_lower IS 'The same, were all amounts off by their rounding to the worse; as a rule equal to chance';
COMMENT ON COLUMN target_chance.chance_upper IS 'The same, were all amounts off by their rounding to the better';
COMMENT ON COLUMN target_chance.p10 IS 'Bookings of the period that are not exceeded in one case of ten';
COMMENT ON COLUMN target_chance.p50 IS 'Bookings of the period that are not exceeded in one case of two';
COMMENT ON COLUMN target_chance.p90 IS 'Bookings of the period that are not exceeded in nine cases of ten';

CREATE FUNCTION target_chance_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(target_chance_evidence.as_of, given.options) AS today
    FROM settings(target_chance_evidence.options, target_chance_evidence.as_of) AS given (options)
  ),
  asked AS MATERIALIZED (
    SELECT rep.code AS person, q.person_id, q.during, q.effective_days
    FROM chosen
    CROSS JOIN LATERAL quota_asked(target_chance_evidence.as_of, target_chance_evidence.during,
      target_chance_evidence.person, chosen.options) AS q
    JOIN person AS rep ON rep.person_id = q.person_id
  )
  SELECT asked.person, lower(asked.during), upper(asked.during), part.figure, 'plan_target', t.code, t.revised_at, part.value
  FROM asked
  JOIN target_row(target_chance_evidence.as_of) AS t ON t.metric = 'bookings' AND t.during = asked.during
  JOIN plan AS p ON p.plan_id = t.plan_id AND p.person_id = asked.person_id AND p.kind = 'quota'
  CROSS JOIN LATERAL (VALUES
    ('quota', t.target),
    ('effective_quota', t.target * asked.effective_days / (upper(asked.during) - lower(asked.during)))) AS part (figure, value)
  WHERE p.plan_id NOT IN (
    SELECT s.plan_id
    FROM chosen
    CROSS JOIN LATERAL shared_out(target_chance_evidence.as_of, chosen.today) AS s)
  UNION ALL
  SELECT asked.person, lower(asked.during), upper(asked.during), 'booked', 'booking', booking.code,
    book_midnight(b.booked_on, chosen.options), b.amount
  FROM chosen
  CROSS JOIN asked
  CROSS JOIN LATERAL credited_to(
    asked.person_id, lower(asked.during), least(upper(asked.during), chosen.today + 1)) AS b
  JOIN booking ON booking.booking_id = b.booking_id
  UNION ALL
  SELECT asked.person, lower(asked.during), upper(asked.during), part.figure, 'opportunity', o.code, o.created_at, part.value
  FROM chosen
  CROSS JOIN LATERAL likely_deal(target_chance_evidence.as_of, chosen.options) AS d
  JOIN asked ON asked.person_id = d.owner_id AND asked.during @> d.expected_close
  JOIN opportunity AS o ON o.opportunity_id = d.opportunity_id
  CROSS JOIN LATERAL (VALUES
    ('open_deals', 1::numeric),
    ('open_without_amount', CASE WHEN d.amount IS NULL THEN 1 END),
    ('open_without_probability', CASE WHEN d.probability IS NULL THEN 1 END),
    ('open_pipeline', d.amount),
    ('weighted_pipeline', d.amount * d.probability::numeric)) AS part (figure, value)
  WHERE part.value IS NOT NULL;
END;
COMMENT ON FUNCTION target_chance_evidence(timestamptz, text, daterange, jsonb) IS
'The targets, bookings and deals that each figure of target_chance counted; the value of a split booking is the person''s part';
