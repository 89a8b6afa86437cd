-- Do managers still sell?  And the period that scorecards are about.

CREATE FUNCTION reporting_quarter(day date) RETURNS daterange
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT coalesce(
    (SELECT p.during FROM period AS p WHERE p.kind = 'quarter' AND p.during @> day),
    daterange(
      date_trunc('quarter', day::timestamp)::date,
      (date_trunc('quarter', day::timestamp) + interval '3 months')::date));
END;
COMMENT ON FUNCTION reporting_quarter(date) IS
'The fiscal quarter of a day, or the calendar quarter where the table period has none';

CREATE FUNCTION selling_manager(as_of timestamptz, person text, during daterange, options jsonb)
RETURNS TABLE (person_id bigint, role text, day date, span daterange)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH today AS MATERIALIZED (
    SELECT book_date(selling_manager.as_of, selling_manager.options) AS day
  )
  SELECT job.person_id, job.role, today.day, coalesce(selling_manager.during, reporting_quarter(today.day))
  FROM today
  JOIN employment AS job ON job.role IN ('manager', 'executive') AND job.during @> today.day
  WHERE job.person_id IN (
    SELECT r.person_id
    FROM today AS on_day
    CROSS JOIN LATERAL report_on(selling_manager.person, on_day.day) AS r)
    -- no days, no report, as of the scorecards
    AND isempty(selling_manager.during) IS NOT TRUE;
END;
COMMENT ON FUNCTION selling_manager(timestamptz, text, daterange, jsonb) IS
'The managers and executives at as_of, with its date and the span that bookings are asked of, by default the quarter; options as settings() gives them';

CREATE FUNCTION manager_selling(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, role text, period_from date, period_until date,
  accounts_owned bigint, over_accounts_limit boolean, open_deals bigint, open_amount numeric,
  booked numeric, team_booked numeric, booked_share float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH called AS MATERIALIZED (
    SELECT settings(options, as_of) AS options
  ),
  given AS MATERIALIZED (
    SELECT called.options, today.day,
      coalesce(manager_selling.during, reporting_quarter(today.day)) AS span
    FROM called
    CROSS JOIN LATERAL book_date(as_of, called.options) AS today (day)
  ),
  manager AS (
    SELECT who.person_id, who.role
    FROM given
    CROSS JOIN LATERAL selling_manager(as_of, manager_selling.person, manager_selling.during, given.options) AS who
  ),
  owned AS MATERIALIZED (
    SELECT owner.person_id, count(*) AS accounts
    FROM given
    JOIN account_owner AS owner ON owner.during @> given.day
    GROUP BY owner.person_id
  ),
  open AS MATERIALIZED (
    SELECT deal.owner_id, count(*) AS deals, sum(deal.amount) AS amount
    FROM open_deal(as_of) AS deal
    GROUP BY deal.owner_id
  ),
  booked AS (
    SELECT booking.person_id, booking.booked_on, booking.amount
    FROM given
    JOIN credited_booking AS booking
      ON booking.booked_on <@ given.span
      AND booking.booked_on <= given.day
      AND booking.person_id IS NOT NULL
  ),
  own AS MATERIALIZED (
    SELECT booked.person_id, sum(booked.amount) AS amount
    FROM booked
    GROUP BY booked.person_id
  ),
  -- of those who belonged to the team on the day of the booking
  below AS MATERIALIZED (
    SELECT team.leader_id, sum(booked.amount) AS amount
    FROM booked
    JOIN leader_of_time() AS team
      ON team.person_id = booked.person_id
      AND team.during @> booked.booked_on
      AND team.leader_id <> team.person_id
    GROUP BY team.leader_id
  )
  SELECT who.code, who.name, manager.role, nullif(lower(given.span), '-infinity'), nullif(upper(given.span), 'infinity'),
    coalesce(owned.accounts, 0),
    coalesce(owned.accounts, 0) > (given.options ->> 'manager_accounts_limit')::numeric,
    coalesce(open.deals, 0), coalesce(open.amount, 0)::numeric(20,4),
    coalesce(own.amount, 0)::numeric(20,4),
    (coalesce(own.amount, 0) + coalesce(below.amount, 0))::numeric(20,4),
    (coalesce(own.amount, 0) / nullif(coalesce(own.amount, 0) + coalesce(below.amount, 0), 0))::float8
  FROM given
  CROSS JOIN manager
  JOIN person AS who ON who.person_id = manager.person_id
  LEFT JOIN owned ON owned.person_id = manager.person_id
  LEFT JOIN open ON open.owner_id = manager.person_id
  LEFT JOIN own ON own.person_id = manager.person_id
  LEFT JOIN below ON below.leader_id = manager.person_id;
END;
COMMENT ON FUNCTION manager_selling(timestamptz, text, daterange, jsonb) IS
'Accounts and open deals that managers own at as_of, and their own part of the team''s bookings in during, by default the quarter';

CREATE VIEW manager_selling WITH (security_invoker) AS
SELECT person, person_name, role, period_from, period_until, accounts_owned, over_accounts_limit,
  open_deals, open_amount::numeric(20,4), booked::numeric(20,4), team_booked::numeric(20,4), booked_share
FROM manager_selling();
COMMENT ON VIEW manager_selling IS 'Which managers still hold accounts and deals of their own, and how much of the team''s business is theirs?';
COMMENT ON COLUMN manager_selling.person IS 'Code of the manager';
COMMENT ON COLUMN manager_selling.person_name IS 'Name of the manager';
COMMENT ON COLUMN manager_selling.role IS 'manager or executive';
COMMENT ON COLUMN manager_selling.period_from IS 'First day of the period of the bookings';
COMMENT ON COLUMN manager_selling.period_until IS 'Day after the last of the period of the bookings';
COMMENT ON COLUMN manager_selling.accounts_owned IS 'Accounts the manager owns';
COMMENT ON COLUMN manager_selling.over_accounts_limit IS 'Whether these are more than setting manager_accounts_limit allows';
COMMENT ON COLUMN manager_selling.open_deals IS 'Open deals the manager owns';
COMMENT ON COLUMN manager_selling.open_amount IS 'Value of these deals';
COMMENT ON COLUMN manager_selling.booked IS 'Bookings credited to the manager in the period so far';
COMMENT ON COLUMN manager_selling.team_booked IS 'These and the bookings of all who reported to the manager, at any level, on the day of the booking';
COMMENT ON COLUMN manager_selling.booked_share IS 'booked / team_booked';
