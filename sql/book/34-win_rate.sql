-- How many of the deals that closed were won, by whom, and by which team.

-- The move that closed a deal is the first of its last rows of one outcome, so a
-- reopened deal is open again, and one that closes twice closed the second time.
-- What is written after that move, another reason for the loss or an amount set to
-- 0, changes nothing here.  The move is the deal's last row, as a rule, and the state
-- before it, which stands in the deal's row or is looked up, says so; else its history, in
-- which the newest correction of a row counts, is looked at for the last row that came
-- after one of another outcome.
-- A span of days and an outcome keep deals from being looked up that cannot have closed
-- in it or have the other outcome; what else has not closed in it, closed_deal leaves out.
CREATE FUNCTION closing_move(
  as_of timestamptz, options jsonb, during daterange DEFAULT NULL, outcome text DEFAULT NULL,
  changed_after timestamptz DEFAULT NULL)
RETURNS TABLE (
  opportunity_id bigint, owner_id bigint, won boolean, closed_on date, amount numeric,
  stage_before bigint, last_stage bigint, lost_reason text, competitor text, created_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT move.opportunity_id, move.owner_id, move.won,
    CASE
      WHEN move.won AND move.expected_close IS NOT NULL THEN move.expected_close
      ELSE (move.changed_at AT TIME ZONE move.time_zone)::date
    END,
    CASE
      WHEN move.stage_before IS NOT NULL THEN move.amount_before
      WHEN move.won THEN move.amount
      ELSE nullif(move.amount, 0)
    END,
    move.stage_before, move.last_stage, move.lost_reason, move.competitor, move.created_at
  FROM (
    SELECT deal.opportunity_id, deal.won, deal.stage_id AS last_stage, deal.lost_reason, deal.competitor, deal.created_at,
      deal.time_zone,
      CASE WHEN deal.is_move THEN deal.changed_at ELSE earlier.changed_at END AS changed_at,
      CASE WHEN deal.is_move THEN deal.owner_id ELSE earlier.owner_id END AS owner_id,
      CASE WHEN deal.is_move THEN deal.expected_close ELSE earlier.expected_close END AS expected_close,
      CASE WHEN deal.is_move THEN deal.amount ELSE earlier.amount END AS amount,
      CASE WHEN deal.is_move THEN deal.stage_before ELSE earlier.stage_before END AS stage_before,
      CASE WHEN deal.is_move THEN deal.amount_before ELSE earlier.amount_before END AS amount_before
    FROM (
      SELECT state.opportunity_id, state.stage_id, state.lost_reason, state.competitor, state.created_at,
        state.changed_at, state.owner_id, state.expected_close, state.amount,
        before.stage_id AS stage_before, before.amount AS amount_before, known.time_zone, of_kind.won, of_kind.stages,
        coalesce(before.stage_id <> ALL (of_kind.stages), true) AS is_move
      FROM (
        SELECT coalesce(array_agg(s.stage_id) FILTER (WHERE s.outcome = 'won'), '{}') AS won,
          coalesce(array_agg(s.stage_id) FILTER (WHERE s.outcome = 'lost'), '{}') AS lost,
          closing_move.options ->> 'time_zone' AS time_zone,
          -- a day early: no day begins before its midnight, however the clocks are set
          coalesce(book_midnight(lower(closing_move.during) - 1, closing_move.options), '-infinity') AS since
        FROM stage AS s
      ) AS known
      CROSS JOIN deal_at(closing_move.as_of, closing_move.changed_after) AS state
      CROSS JOIN LATERAL (SELECT state.stage_id = ANY (known.won) AS won) AS fate
      CROSS JOIN LATERAL (SELECT fate.won, CASE WHEN fate.won THEN known.won ELSE known.lost END AS stages) AS of_kind
      LEFT JOIN LATERAL (
        SELECT c.stage_id, c.amount
        FROM change_up_to(state.opportunity_id, state.changed_at, state.place) AS c
        WHERE NOT state.is_present
        LIMIT 1
      ) AS last ON true
      CROSS JOIN LATERAL (
        SELECT CASE WHEN state.is_present THEN state.stage_before ELSE last.stage_id END AS stage_id,
          CASE WHEN state.is_present THEN state.amount_before ELSE last.amount END AS amount
      ) AS before
      -- a value known before the deals are read: the open ones are left out where they are read
      WHERE state.stage_id = ANY (
          ARRAY(
            SELECT s.stage_id
            FROM stage AS s
            WHERE s.outcome <> 'open' AND (closing_move.outcome IS NULL OR s.outcome = closing_move.outcome)))
        -- a win may be dated long before or after
        AND (closing_move.during IS NULL OR state.changed_at >= known.since OR state.stage_id = ANY (known.won))
      OFFSET 0
    ) AS deal
    LEFT JOIN LATERAL (
      SELECT *
      FROM (
        SELECT h.*
        FROM (
          SELECT h.changed_at, h.place, h.owner_id, h.expected_close, h.amount,
            lag(h.stage_id) OVER history AS stage_before, lag(h.amount) OVER history AS amount_before
          FROM (
            SELECT DISTINCT ON (c.changed_at, coalesce(c.corrects, c.seq)) c.changed_at, coalesce(c.corrects, c.seq) AS place,
              c.stage_id, c.owner_id, c.expected_close, c.amount::numeric AS amount
            FROM opportunity_change AS c
            WHERE c.opportunity_id = deal.opportunity_id AND c.changed_at <= deal.changed_at
            ORDER BY c.changed_at, coalesce(c.corrects, c.seq), c.seq DESC
          ) AS h
          WINDOW history AS (ORDER BY h.changed_at, h.place)
        ) AS h
        WHERE coalesce(h.stage_before <> ALL (deal.stages), true)
        ORDER BY h.changed_at DESC, h.place DESC
        LIMIT 1
      ) AS h
      -- asked before anything is sorted
      WHERE NOT deal.is_move
      LIMIT 1
    ) AS earlier ON true
    -- conditions on what is computed stay outside: pushed in here, PostgreSQL 17 and 18
    -- stop with "no relation entry for relid"
    OFFSET 0
  ) AS move;
END;
COMMENT ON FUNCTION closing_move(timestamptz, jsonb, daterange, text, timestamptz) IS
'The deals that are closed at as_of, with the owner at the close, the last amount and stage before it, and what was recorded last; closed_on is the close date entered with a win, the day of the move to a loss; of those outside of during, and not changed after changed_after, not all are left out; outcome: won or lost, both if empty; options as settings() gives them';

CREATE FUNCTION closed_deal(
  as_of timestamptz, options jsonb, during daterange DEFAULT NULL, outcome text DEFAULT NULL,
  changed_after timestamptz DEFAULT NULL)
RETURNS TABLE (
  opportunity_id bigint, owner_id bigint, won boolean, closed_on date, amount numeric,
  stage_before bigint, last_stage bigint, lost_reason text, competitor text, created_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT move.*
  FROM (SELECT (closed_deal.options ->> 'win_rate_min_amount')::numeric AS min_amount OFFSET 0) AS rule
  CROSS JOIN closing_move(
    closed_deal.as_of, closed_deal.options, closed_deal.during, closed_deal.outcome, closed_deal.changed_after) AS move
  -- Said in a way of which the planner assumes half: it takes a comparison with a span for one in
  -- two hundred, so these deals for few, and compares all of them with whatever is joined to them.
  WHERE coalesce(move.closed_on <@ closed_deal.during, true)
    AND CASE WHEN rule.min_amount = 0 THEN true ELSE move.amount >= rule.min_amount END;
END;
COMMENT ON FUNCTION closed_deal(timestamptz, jsonb, daterange, text, timestamptz) IS
'The deals of closing_move, without those below win_rate_min_amount; during: the day of the close, always if empty; outcome: won or lost, both if empty; changed_after: some of the deals that have not changed since may be left out; options as settings() gives them';

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
    FROM settings(win_rate.options, win_rate.as_of) AS given (options)
  ),
  -- materialized: each figure is worked out once, and the months are counted without a sort
  deal AS MATERIALIZED (
    SELECT closed.owner_id, closed.won, closed.amount, date_trunc('month', closed.closed_on::timestamp)::date AS month
    FROM chosen
    CROSS JOIN LATERAL closed_deal(win_rate.as_of, chosen.options, win_rate.during) AS closed
    WHERE win_rate.person IS NULL
      OR closed.owner_id IN (
        SELECT who.person_id
        FROM chosen
        CROSS JOIN LATERAL report_on(win_rate.person, book_date(win_rate.as_of, chosen.options)) AS who)
  ),
  counted AS (
    SELECT deal.owner_id, deal.month,
      count(*) FILTER (WHERE deal.won) AS won,
      count(*) FILTER (WHERE NOT deal.won) AS lost,
      coalesce(sum(deal.amount) FILTER (WHERE deal.won), 0) AS won_amount,
      coalesce(sum(deal.amount) FILTER (WHERE NOT deal.won), 0) AS lost_amount,
      count(*) FILTER (WHERE deal.amount IS NULL) AS without_amount,
      bool_or(deal.amount <> 0) FILTER (WHERE NOT deal.won) AS lost_has_amount
    FROM deal
    GROUP BY deal.owner_id, deal.month
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
    FROM settings(win_rate_by_team.options, win_rate_by_team.as_of) AS given (options)
  ),
  team AS MATERIALIZED (
    SELECT *
    FROM leader_of_time()
  ),
  -- The days on which somebody above a person changes: between two of them all the deals
  -- the person closes count for the same leaders, and are added up before they go to each.
  turn AS (
    SELECT day.person_id, array_agg(DISTINCT day.day ORDER BY day.day) FILTER (WHERE day.day IS NOT NULL) AS days
    FROM (
      SELECT team.person_id, lower(team.during) AS day
      FROM team
      UNION ALL
      SELECT team.person_id, upper(team.during)
      FROM team
    ) AS day
    GROUP BY day.person_id
  ),
  closer AS (
    SELECT deal.owner_id, deal.month, min(deal.closed_on) AS closed_on,
      count(*) FILTER (WHERE deal.won) AS won,
      count(*) FILTER (WHERE NOT deal.won) AS lost,
      coalesce(sum(deal.amount) FILTER (WHERE deal.won), 0) AS won_amount,
      coalesce(sum(deal.amount) FILTER (WHERE NOT deal.won), 0) AS lost_amount,
      count(*) FILTER (WHERE deal.amount IS NULL) AS without_amount,
      bool_or(deal.amount <> 0) FILTER (WHERE NOT deal.won) AS lost_has_amount
    FROM (
      SELECT closed.owner_id, closed.won, closed.amount, closed.closed_on,
        date_trunc('month', closed.closed_on::timestamp)::date AS month
      FROM chosen
      CROSS JOIN LATERAL closed_deal(win_rate_by_team.as_of, chosen.options, win_rate_by_team.during) AS closed
      OFFSET 0
    ) AS deal
    JOIN turn ON turn.person_id = deal.owner_id
    GROUP BY deal.owner_id, deal.month, width_bucket(deal.closed_on, turn.days)
  ),
  counted AS (
    SELECT team.leader_id, closer.month,
      sum(closer.won)::int8 AS won, sum(closer.lost)::int8 AS lost,
      sum(closer.won_amount) AS won_amount, sum(closer.lost_amount) AS lost_amount,
      sum(closer.without_amount)::int8 AS without_amount, bool_or(closer.lost_has_amount) AS lost_has_amount,
      count(DISTINCT closer.owner_id) AS closers
    FROM closer
    JOIN team ON team.person_id = closer.owner_id AND team.during @> closer.closed_on
    WHERE win_rate_by_team.person IS NULL
      OR team.leader_id IN (
        SELECT who.person_id
        FROM chosen
        CROSS JOIN LATERAL report_on(
          win_rate_by_team.person, book_date(win_rate_by_team.as_of, chosen.options)) AS who)
    GROUP BY team.leader_id, closer.month
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

CREATE FUNCTION created_deal(as_of timestamptz, during daterange, options jsonb) RETURNS TABLE (
  opportunity_id bigint, code text, owner_id bigint, created_at timestamptz, outcome text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT opened.opportunity_id, opened.code, opened.owner_id, opened.created_at,
    -- created, and in no stage yet: open
    coalesce(s.outcome, 'open')
  FROM date_span(created_deal.during, created_deal.options) AS span
  CROSS JOIN LATERAL opened_deal(created_deal.as_of, span.since, span.until) AS opened
  LEFT JOIN deal_at(created_deal.as_of) AS state ON state.opportunity_id = opened.opportunity_id
  LEFT JOIN stage AS s ON s.stage_id = state.stage_id;
END;
COMMENT ON FUNCTION created_deal(timestamptz, daterange, jsonb) IS
'The deals created on the days of a span, always if it is NULL, with their first owner and whether they are open, won or lost at as_of; options as settings() gives them';

CREATE FUNCTION win_share(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, created_month date,
  created int8, won int8, lost int8, open_deals int8, won_of_created_rate float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options
    FROM settings(win_share.options, win_share.as_of) AS given (options)
  ),
  counted AS (
    SELECT deal.owner_id, date_trunc('month', book_date(deal.created_at, chosen.options)::timestamp)::date AS month,
      count(*) AS created,
      count(*) FILTER (WHERE deal.outcome = 'won') AS won,
      count(*) FILTER (WHERE deal.outcome = 'lost') AS lost
    FROM chosen
    CROSS JOIN LATERAL created_deal(win_share.as_of, win_share.during, chosen.options) AS deal
    WHERE win_share.person IS NULL
      OR deal.owner_id IN (
        SELECT who.person_id
        FROM chosen
        CROSS JOIN LATERAL report_on(win_share.person, book_date(win_share.as_of, chosen.options)) AS who)
    GROUP BY deal.owner_id, 2
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
COMMENT ON COLUMN win_share.open_deals IS 'Of these, deals that are neither';
COMMENT ON COLUMN win_share.won_of_created_rate IS 'won / created, 0..1; lower than the win rate as long as deals are open';
