-- The views of forecasts again, in plain SQL: a forecast, a deal, a period at a time.  They read
-- the book that search_path names, whose time zone is UTC.
CREATE SCHEMA IF NOT EXISTS oracle;

-- the last thing somebody said of a period, so many days before its end
CREATE FUNCTION oracle.standing(as_of timestamptz, days int)
RETURNS TABLE (person_id bigint, judgement text, category text, during daterange, forecast numeric, actual numeric)
LANGUAGE sql STABLE
AS $$
  WITH said AS MATERIALIZED (
    SELECT f.*
    FROM forecast AS f
    WHERE upper(f.during) <= (as_of AT TIME ZONE 'UTC')::date
      AND (f.submitted_at AT TIME ZONE 'UTC')::date < upper(f.during) - days
      AND NOT EXISTS (
        SELECT FROM forecast AS later
        WHERE later.person_id = f.person_id AND later.judgement = f.judgement AND later.category = f.category AND later.during = f.during
          AND (later.submitted_at AT TIME ZONE 'UTC')::date < upper(f.during) - days
          AND (later.submitted_at, later.forecast_id) > (f.submitted_at, f.forecast_id))
  )
  SELECT s.person_id, s.judgement, s.category, s.during, s.amount,
    coalesce((SELECT sum(b.amount) FROM booking AS b WHERE b.person_id = s.person_id AND s.during @> b.booked_on), 0)
  FROM said AS s
  WHERE 1 = (
    SELECT count(*) FROM said AS part
    WHERE part.person_id = s.person_id AND part.judgement = s.judgement AND part.category = s.category AND part.during <@ s.during)
$$;

-- a deal as it stood just before an instant
CREATE FUNCTION oracle.stood(deal bigint, at timestamptz) RETURNS opportunity_history
LANGUAGE sql STABLE
AS $$
  SELECT h
  FROM opportunity_history AS h
  WHERE h.opportunity_id = deal AND h.changed_at < at
  ORDER BY h.changed_at DESC, h.place DESC
  LIMIT 1
$$;

CREATE FUNCTION oracle.snapshot(as_of timestamptz, since date, until date, days int)
RETURNS TABLE (deal bigint, owner bigint, stage bigint, category text, expected_close date, amount numeric, period daterange, won boolean, closed_on date)
LANGUAGE sql STABLE
AS $$
  WITH closed AS MATERIALIZED (SELECT * FROM oracle.closed(as_of, 'UTC'))
  SELECT o.opportunity_id, (h.state).owner_id, (h.state).stage_id, coalesce((h.state).forecast_category, 'none'), (h.state).expected_close, (h.state).amount,
    daterange(q::date, (q + interval '3 months')::date), c.won, c.closed_on
  FROM generate_series(since::timestamp, until::timestamp - interval '1 day', interval '3 months') AS q
  CROSS JOIN opportunity AS o
  CROSS JOIN LATERAL (
    SELECT oracle.stood(o.opportunity_id, (q + interval '3 months' - days * interval '1 day') AT TIME ZONE 'UTC') AS state OFFSET 0
  ) AS h
  LEFT JOIN closed AS c ON c.deal = o.opportunity_id
  WHERE (SELECT s.outcome FROM stage AS s WHERE s.stage_id = (h.state).stage_id) = 'open'
$$;
