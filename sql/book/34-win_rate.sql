-- How many of the deals that closed were won, by whom, and by which team.

-- One pass in the order of the ledger's key: a row whose outcome differs from
-- the row before it is a move to open, won or lost.  A deal is closed if its
-- last move is to won or lost, so a reopened deal is open again, and one that
-- closes twice closed the second time.  What happens after that move, another
-- reason for the loss or an amount set to 0, changes nothing here.
CREATE FUNCTION closed_deal(as_of timestamptz, options jsonb) RETURNS TABLE (
  opportunity_id bigint, owner_id bigint, won boolean, closed_on date, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT deal.opportunity_id, deal.owner_id, deal.won, deal.closed_on, deal.amount
  FROM (
    SELECT move.opportunity_id, move.owner_id, move.outcome = 'won' AS won,
      CASE move.outcome
        WHEN 'won' THEN coalesce(move.expected_close, book_date(move.changed_at, closed_deal.options))
        ELSE book_date(move.changed_at, closed_deal.options)
      END AS closed_on,
      CASE
        WHEN move.outcome_before IS NOT NULL THEN move.amount_before
        WHEN move.outcome = 'won' THEN move.amount
        ELSE nullif(move.amount, 0)
      END AS amount
    FROM (
      SELECT step.*,
        lead(step.opportunity_id) OVER (PARTITION BY step.opportunity_id ORDER BY step.changed_at, step.place) IS NULL AS is_last
      FROM (
        SELECT h.opportunity_id, h.changed_at, h.place, h.owner_id, h.expected_close, h.amount, s.outcome,
          lag(s.outcome) OVER deal AS outcome_before,
          lag(h.amount) OVER deal AS amount_before
        FROM opportunity_history AS h
        JOIN stage AS s ON s.stage_id = h.stage_id
        WHERE h.changed_at <= closed_deal.as_of
        WINDOW deal AS (PARTITION BY h.opportunity_id ORDER BY h.changed_at, h.place)
      ) AS step
      WHERE step.outcome IS DISTINCT FROM step.outcome_before
    ) AS move
    WHERE move.is_last AND move.outcome <> 'open'
  ) AS deal
  WHERE (closed_deal.options ->> 'win_rate_min_amount')::numeric = 0
    OR deal.amount >= (closed_deal.options ->> 'win_rate_min_amount')::numeric;
END;
COMMENT ON FUNCTION closed_deal(timestamptz, jsonb) IS
'The deals that are closed at as_of, with the owner at the close and the last amount before it; closed_on is the close date entered with a win, the day of the move to a loss; options as settings() gives them';

CREATE FUNCTION win_rate(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, month date,
  won int8, lost int8, closed int8, win_rate float8, win_rate_lower float8, win_rate_upper float8,
  won_amount numeric, lost_amount numeric, closed_amount numeric, win_rate_amount float8, closed_without_amount int8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, (given.options ->> 'confidence')::float8 AS confidence
    FROM settings(win_rate.options) AS given (options)
  ),
  counted AS (
    SELECT deal.owner_id, date_trunc('month', deal.closed_on::timestamp)::date AS month,
      count(*) FILTER (WHERE deal.won) AS won,
      count(*) FILTER (WHERE NOT deal.won) AS lost,
      coalesce(sum(deal.amount) FILTER (WHERE deal.won), 0) AS won_amount,
      coalesce(sum(deal.amount) FILTER (WHERE NOT deal.won), 0) AS lost_amount,
      count(*) FILTER (WHERE deal.amount IS NULL) AS without_amount,
      bool_or(deal.amount <> 0) FILTER (WHERE NOT deal.won) AS lost_has_amount
    FROM chosen
    CROSS JOIN LATERAL closed_deal(win_rate.as_of, chosen.options) AS deal
    WHERE (win_rate.during IS NULL OR deal.closed_on <@ win_rate.during)
      AND (win_rate.person IS NULL
        OR deal.owner_id IN (
          SELECT who.person_id
          FROM chosen
          CROSS JOIN LATERAL report_on(win_rate.person, book_date(win_rate.as_of, chosen.options)) AS who))
    GROUP BY deal.owner_id, 2
  )
  SELECT rep.code, rep.name, counted.month,
    counted.won, counted.lost, counted.won + counted.lost,
    counted.won::float8 / (counted.won + counted.lost),
    wilson_lower(counted.won, counted.won + counted.lost, chosen.confidence),
    wilson_upper(counted.won, counted.won + counted.lost, chosen.confidence),
    counted.won_amount, counted.lost_amount, counted.won_amount + counted.lost_amount,
    CASE WHEN counted.lost = 0 OR counted.lost_has_amount
      THEN (counted.won_amount / nullif(counted.won_amount + counted.lost_amount, 0))::float8
    END,
    counted.without_amount
  FROM chosen
  CROSS JOIN counted
  LEFT JOIN person AS rep ON rep.person_id = counted.owner_id
  ORDER BY rep.code, counted.month;
END;
COMMENT ON FUNCTION win_rate(timestamptz, text, daterange, jsonb) IS
'Won of closed deals by rep and month of the close; during: the day of the close, always by default; person: the owner at the close';

CREATE VIEW win_rate WITH (security_invoker) AS
SELECT person, person_name, month, won, lost, closed, win_rate, win_rate_lower, win_rate_upper,
  won_amount::numeric(20,4), lost_amount::numeric(20,4), closed_amount::numeric(20,4), win_rate_amount,
  closed_without_amount
FROM win_rate();
COMMENT ON VIEW win_rate IS 'How many of the deals that each rep closed in a month were won, and of how much money?';
COMMENT ON COLUMN win_rate.person IS 'Code of the owner at the close; empty where nobody owned the deals';
COMMENT ON COLUMN win_rate.person_name IS 'Name of the owner at the close';
COMMENT ON COLUMN win_rate.month IS 'First day of the month of the close';
COMMENT ON COLUMN win_rate.won IS 'Deals won: at the close date entered with the win';
COMMENT ON COLUMN win_rate.lost IS 'Deals lost: at the move to the lost stage';
COMMENT ON COLUMN win_rate.closed IS 'won + lost';
COMMENT ON COLUMN win_rate.win_rate IS 'won / closed, 0..1';
COMMENT ON COLUMN win_rate.win_rate_lower IS 'Lower bound of the win rate, at the confidence of setting confidence';
COMMENT ON COLUMN win_rate.win_rate_upper IS 'Upper bound of the win rate, at the confidence of setting confidence';
COMMENT ON COLUMN win_rate.won_amount IS 'Value of the deals won, by the last amount before the close';
COMMENT ON COLUMN win_rate.lost_amount IS 'Value of the deals lost, by the last amount before the close';
COMMENT ON COLUMN win_rate.closed_amount IS 'won_amount + lost_amount';
COMMENT ON COLUMN win_rate.win_rate_amount IS 'won_amount / closed_amount, 0..1; empty where deals were lost and none has an amount';
COMMENT ON COLUMN win_rate.closed_without_amount IS 'Closed deals without an amount: they count in win_rate, not in win_rate_amount';

-- A deal counts for everybody above its owner on the day it closed.  The lines
-- are walked as spans, once, not once a day.
CREATE FUNCTION leader_of_time() RETURNS TABLE (leader_id bigint, person_id bigint, during daterange)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH RECURSIVE above (leader_id, person_id, during, level) AS (
    SELECT line.manager_id, line.person_id, line.during::daterange, 1
    FROM reporting_line AS line
    UNION ALL
    SELECT line.manager_id, above.person_id, above.during * line.during::daterange, above.level + 1
    FROM above
    JOIN reporting_line AS line
      ON line.person_id = above.leader_id AND line.during::daterange && above.during
    WHERE above.level < 100
  )
  SELECT above.leader_id, above.person_id, above.during
  FROM above
  UNION ALL
  -- oneself, while one leads somebody
  SELECT line.manager_id, line.manager_id, unnest(range_agg(line.during::daterange))
  FROM reporting_line AS line
  GROUP BY line.manager_id;
END;
COMMENT ON FUNCTION leader_of_time() IS
'Who led whom, at every level, and when; leaders lead themselves as long as they lead anybody';

CREATE FUNCTION win_rate_by_team(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, month date,
  won int8, lost int8, closed int8, win_rate float8, win_rate_lower float8, win_rate_upper float8,
  won_amount numeric, lost_amount numeric, closed_amount numeric, win_rate_amount float8, closed_without_amount int8,
  closers int8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, (given.options ->> 'confidence')::float8 AS confidence
    FROM settings(win_rate_by_team.options) AS given (options)
  ),
  counted AS (
    SELECT team.leader_id, date_trunc('month', deal.closed_on::timestamp)::date AS month,
      count(*) FILTER (WHERE deal.won) AS won,
      count(*) FILTER (WHERE NOT deal.won) AS lost,
      coalesce(sum(deal.amount) FILTER (WHERE deal.won), 0) AS won_amount,
      coalesce(sum(deal.amount) FILTER (WHERE NOT deal.won), 0) AS lost_amount,
      count(*) FILTER (WHERE deal.amount IS NULL) AS without_amount,
      bool_or(deal.amount <> 0) FILTER (WHERE NOT deal.won) AS lost_has_amount,
      count(DISTINCT deal.owner_id) AS closers
    FROM chosen
    CROSS JOIN LATERAL closed_deal(win_rate_by_team.as_of, chosen.options) AS deal
    JOIN leader_of_time() AS team ON team.person_id = deal.owner_id AND team.during @> deal.closed_on
    WHERE (win_rate_by_team.during IS NULL OR deal.closed_on <@ win_rate_by_team.during)
      AND (win_rate_by_team.person IS NULL
        OR team.leader_id IN (
          SELECT who.person_id
          FROM chosen
          CROSS JOIN LATERAL report_on(
            win_rate_by_team.person, book_date(win_rate_by_team.as_of, chosen.options)) AS who))
    GROUP BY team.leader_id, 2
  )
  SELECT leader.code, leader.name, counted.month,
    counted.won, counted.lost, counted.won + counted.lost,
    counted.won::float8 / (counted.won + counted.lost),
    wilson_lower(counted.won, counted.won + counted.lost, chosen.confidence),
    wilson_upper(counted.won, counted.won + counted.lost, chosen.confidence),
    counted.won_amount, counted.lost_amount, counted.won_amount + counted.lost_amount,
    CASE WHEN counted.lost = 0 OR counted.lost_has_amount
      THEN (counted.won_amount / nullif(counted.won_amount + counted.lost_amount, 0))::float8
    END,
    counted.without_amount, counted.closers
  FROM chosen
  CROSS JOIN counted
  JOIN person AS leader ON leader.person_id = counted.leader_id
  ORDER BY leader.code, counted.month;
END;
COMMENT ON FUNCTION win_rate_by_team(timestamptz, text, daterange, jsonb) IS
'Won of closed deals by leader, at every level, and month of the close: the deals of all who reported to the leader on the day of the close, and the leader''s own; during: the day of the close, always by default; person: leaders among that person and everybody below';

CREATE VIEW win_rate_by_team WITH (security_invoker) AS
SELECT person, person_name, month, won, lost, closed, win_rate, win_rate_lower, win_rate_upper,
  won_amount::numeric(20,4), lost_amount::numeric(20,4), closed_amount::numeric(20,4), win_rate_amount,
  closed_without_amount, closers
FROM win_rate_by_team();
COMMENT ON VIEW win_rate_by_team IS 'How many of the deals that each team closed in a month were won, and of how much money?';
COMMENT ON COLUMN win_rate_by_team.person IS 'Code of the leader, at any level';
COMMENT ON COLUMN win_rate_by_team.person_name IS 'Name of the leader';
COMMENT ON COLUMN win_rate_by_team.month IS 'First day of the month of the close';
COMMENT ON COLUMN win_rate_by_team.won IS 'Deals won: at the close date entered with the win';
COMMENT ON COLUMN win_rate_by_team.lost IS 'Deals lost: at the move to the lost stage';
COMMENT ON COLUMN win_rate_by_team.closed IS 'won + lost';
COMMENT ON COLUMN win_rate_by_team.win_rate IS 'won / closed, 0..1';
COMMENT ON COLUMN win_rate_by_team.win_rate_lower IS 'Lower bound of the win rate, at the confidence of setting confidence';
COMMENT ON COLUMN win_rate_by_team.win_rate_upper IS 'Upper bound of the win rate, at the confidence of setting confidence';
COMMENT ON COLUMN win_rate_by_team.won_amount IS 'Value of the deals won, by the last amount before the close';
COMMENT ON COLUMN win_rate_by_team.lost_amount IS 'Value of the deals lost, by the last amount before the close';
COMMENT ON COLUMN win_rate_by_team.closed_amount IS 'won_amount + lost_amount';
COMMENT ON COLUMN win_rate_by_team.win_rate_amount IS 'won_amount / closed_amount, 0..1; empty where deals were lost and none has an amount';
COMMENT ON COLUMN win_rate_by_team.closed_without_amount IS 'Closed deals without an amount: they count in win_rate, not in win_rate_amount';
COMMENT ON COLUMN win_rate_by_team.closers IS 'People of the team with a deal closed in the month';

CREATE FUNCTION win_share(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, created_month date,
  created int8, won int8, lost int8, still_open int8, won_of_created_rate float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, span.since, span.until
    FROM settings(win_share.options) AS given (options)
    LEFT JOIN LATERAL date_span(win_share.during, given.options) AS span ON true
  ),
  deal AS (
    SELECT h.opportunity_id,
      (array_agg(h.owner_id ORDER BY h.changed_at, h.place))[1] AS owner_id,
      (array_agg(h.stage_id ORDER BY h.changed_at DESC, h.place DESC))[1] AS stage_id
    FROM opportunity_history AS h
    WHERE h.changed_at <= win_share.as_of
    GROUP BY h.opportunity_id
  ),
  counted AS (
    SELECT owner.owner_id, date_trunc('month', book_date(o.created_at, chosen.options)::timestamp)::date AS month,
      count(*) AS created,
      count(*) FILTER (WHERE s.outcome = 'won') AS won,
      count(*) FILTER (WHERE s.outcome = 'lost') AS lost
    FROM chosen
    JOIN opportunity AS o
      ON o.created_at >= chosen.since AND o.created_at < chosen.until AND o.created_at <= win_share.as_of
    LEFT JOIN deal ON deal.opportunity_id = o.opportunity_id
    LEFT JOIN stage AS s ON s.stage_id = deal.stage_id
    CROSS JOIN LATERAL (
      SELECT CASE WHEN deal.opportunity_id IS NULL AND o.stage_id IS NULL THEN o.owner_id ELSE deal.owner_id END
    ) AS owner (owner_id)
    WHERE win_share.person IS NULL
      OR owner.owner_id IN (
        SELECT who.person_id
        FROM chosen
        CROSS JOIN LATERAL report_on(win_share.person, book_date(win_share.as_of, chosen.options)) AS who)
    GROUP BY owner.owner_id, 2
  )
  SELECT rep.code, rep.name, counted.month, counted.created, counted.won, counted.lost,
    counted.created - counted.won - counted.lost,
    counted.won::float8 / counted.created
  FROM counted
  LEFT JOIN person AS rep ON rep.person_id = counted.owner_id
  ORDER BY rep.code, counted.month;
END;
COMMENT ON FUNCTION win_share(timestamptz, text, daterange, jsonb) IS
'Won of created deals by first owner and month of creation, which is not the win rate: open deals count as not won; during: the day of creation, always by default; person: the first owner';

CREATE VIEW win_share WITH (security_invoker) AS
SELECT * FROM win_share();
COMMENT ON VIEW win_share IS 'What has become of the deals that each rep created in a month?';
COMMENT ON COLUMN win_share.person IS 'Code of the first owner; empty where nobody owned the deals';
COMMENT ON COLUMN win_share.person_name IS 'Name of the first owner';
COMMENT ON COLUMN win_share.created_month IS 'First day of the month the deals were created in';
COMMENT ON COLUMN win_share.created IS 'Deals created';
COMMENT ON COLUMN win_share.won IS 'Of these, deals that are won now';
COMMENT ON COLUMN win_share.lost IS 'Of these, deals that are lost now';
COMMENT ON COLUMN win_share.still_open IS 'Of these, deals that are neither';
COMMENT ON COLUMN win_share.won_of_created_rate IS 'won / created, 0..1; lower than the win rate as long as deals are open';
