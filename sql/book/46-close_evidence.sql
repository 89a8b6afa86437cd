-- The rows behind the figures of closed deals; evidence() calls these by name.

CREATE FUNCTION closed_figure(won boolean, amount numeric) RETURNS TABLE (figure text, value numeric)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT f.figure, f.value
  FROM (
    VALUES ('closed', 1), (CASE WHEN won THEN 'won' ELSE 'lost' END, 1),
      ('closed_amount', amount), (CASE WHEN won THEN 'won_amount' ELSE 'lost_amount' END, amount),
      ('closed_without_amount', CASE WHEN amount IS NULL THEN 1 END)
  ) AS f (figure, value)
  WHERE f.value IS NOT NULL;
END;
COMMENT ON FUNCTION closed_figure(boolean, numeric) IS 'What a closed deal adds to which figure of a win rate';

CREATE FUNCTION win_rate_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, month date, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(win_rate_evidence.as_of, given.options) AS today
    FROM settings(win_rate_evidence.options, win_rate_evidence.as_of) AS given (options)
  )
  SELECT rep.code, date_trunc('month', deal.closed_on::timestamp)::date,
    counted.figure, 'opportunity', o.code, book_midnight(deal.closed_on, chosen.options), counted.value
  FROM chosen
  CROSS JOIN LATERAL closed_deal(win_rate_evidence.as_of, chosen.options, win_rate_evidence.during) AS deal
  JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
  LEFT JOIN person AS rep ON rep.person_id = deal.owner_id
  CROSS JOIN LATERAL closed_figure(deal.won, deal.amount) AS counted
  WHERE win_rate_evidence.person IS NULL
    OR deal.owner_id IN (
      SELECT who.person_id
      FROM report_on(win_rate_evidence.person, chosen.today) AS who);
END;
COMMENT ON FUNCTION win_rate_evidence(timestamptz, text, daterange, jsonb) IS
'The closed deals that win_rate counts; at: the day of the close';

CREATE FUNCTION win_rate_by_team_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, month date, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(win_rate_by_team_evidence.as_of, given.options) AS today
    FROM settings(win_rate_by_team_evidence.options, win_rate_by_team_evidence.as_of) AS given (options)
  ),
  deal AS MATERIALIZED (
    SELECT leader.code AS leader, date_trunc('month', closed.closed_on::timestamp)::date AS month, closed.*
    FROM chosen
    CROSS JOIN LATERAL closed_deal(
      win_rate_by_team_evidence.as_of, chosen.options, win_rate_by_team_evidence.during) AS closed
    JOIN leader_of_time() AS team ON team.person_id = closed.owner_id AND team.during @> closed.closed_on
    JOIN person AS leader ON leader.person_id = team.leader_id
    WHERE win_rate_by_team_evidence.person IS NULL
      OR team.leader_id IN (
        SELECT who.person_id
        FROM report_on(win_rate_by_team_evidence.person, chosen.today) AS who)
  )
  SELECT deal.leader, deal.month,
    counted.figure, 'opportunity', o.code, book_midnight(deal.closed_on, chosen.options), counted.value
  FROM chosen
  CROSS JOIN deal
  JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
  CROSS JOIN LATERAL closed_figure(deal.won, deal.amount) AS counted
  UNION ALL
  SELECT deal.leader, deal.month, 'closers', 'person', closer.code, NULL::timestamptz, 1
  FROM (SELECT DISTINCT d.leader, d.month, d.owner_id FROM deal AS d) AS deal
  JOIN person AS closer ON closer.person_id = deal.owner_id;
END;
COMMENT ON FUNCTION win_rate_by_team_evidence(timestamptz, text, daterange, jsonb) IS
'The closed deals that win_rate_by_team counts, and who closed them; at: the day of the close';

CREATE FUNCTION win_share_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, created_month date, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(win_share_evidence.as_of, given.options) AS today
    FROM settings(win_share_evidence.options, win_share_evidence.as_of) AS given (options)
  )
  SELECT rep.code, date_trunc('month', book_date(deal.created_at, chosen.options)::timestamp)::date,
    counted.figure, 'opportunity', deal.code, deal.created_at, 1
  FROM chosen
  CROSS JOIN LATERAL created_deal(win_share_evidence.as_of, win_share_evidence.during, chosen.options) AS deal
  LEFT JOIN person AS rep ON rep.person_id = deal.owner_id
  CROSS JOIN LATERAL (
    VALUES ('created'), (CASE deal.outcome WHEN 'open' THEN 'open_deals' ELSE deal.outcome END)
  ) AS counted (figure)
  WHERE win_share_evidence.person IS NULL
    OR deal.owner_id IN (
      SELECT who.person_id
      FROM report_on(win_share_evidence.person, chosen.today) AS who);
END;
COMMENT ON FUNCTION win_share_evidence(timestamptz, text, daterange, jsonb) IS
'The deals that win_share counts; at: their creation';

CREATE FUNCTION win_rate_from_stage_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (pipeline text, stage text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT p.code, s.code, counted.figure, 'opportunity', o.code, book_midnight(deal.closed_on, given.options), counted.value
  FROM settings(win_rate_from_stage_evidence.options, win_rate_from_stage_evidence.as_of) AS given (options)
  CROSS JOIN LATERAL furthest_step(win_rate_from_stage_evidence.as_of, win_rate_from_stage_evidence.person,
    win_rate_from_stage_evidence.during, given.options) AS deal
  JOIN stage_step() AS step ON step.pipeline_id = deal.pipeline_id AND step.step <= deal.step
  JOIN stage AS s ON s.stage_id = step.stage_id AND s.outcome = 'open'
  JOIN pipeline AS p ON p.pipeline_id = deal.pipeline_id
  JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
  CROSS JOIN LATERAL closed_figure(deal.won, deal.amount) AS counted
  WHERE counted.figure IN ('won', 'lost', 'closed', 'won_amount', 'lost_amount');
END;
COMMENT ON FUNCTION win_rate_from_stage_evidence(timestamptz, text, daterange, jsonb) IS
'The closed deals that win_rate_from_stage counts, each for every open stage up to the furthest; at: the day of the close';

CREATE FUNCTION loss_reason_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (lost_reason text, competitor text, pipeline text, stage text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, coalesce(loss_reason_evidence.during, daterange(today.today - 364, today.today + 1)) AS during
    FROM settings(loss_reason_evidence.options, loss_reason_evidence.as_of) AS given (options)
    CROSS JOIN LATERAL book_date(loss_reason_evidence.as_of, given.options) AS today (today)
  ),
  deal AS (
    SELECT lost.*, lost.closed_on <@ chosen.during AS is_asked,
      count(*) FILTER (WHERE lost.closed_on <@ chosen.during) OVER (
        PARTITION BY lost.lost_reason, lost.competitor, lost.pipeline_id, lost.stage_id) AS asked
    FROM chosen
    CROSS JOIN LATERAL lost_deal(loss_reason_evidence.as_of, chosen.options) AS lost
    WHERE (loss_reason_evidence.person IS NULL
        OR lost.owner_id IN (
          SELECT who.person_id
          FROM report_on(loss_reason_evidence.person, chosen.today) AS who))
  )
  SELECT deal.lost_reason, deal.competitor, p.code, s.code,
    counted.figure, 'opportunity', o.code, book_midnight(deal.closed_on, chosen.options), counted.value
  FROM chosen
  CROSS JOIN deal
  JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
  JOIN pipeline AS p ON p.pipeline_id = deal.pipeline_id
  LEFT JOIN stage AS s ON s.stage_id = deal.stage_id
  CROSS JOIN LATERAL (
    VALUES ('lost', CASE WHEN deal.is_asked THEN 1 END),
      ('lost_amount', CASE WHEN deal.is_asked THEN deal.amount END),
      ('lost_without_amount', CASE WHEN deal.is_asked AND deal.amount IS NULL THEN 1 END),
      ('lost_before', CASE
        WHEN isfinite(lower(chosen.during)) AND isfinite(upper(chosen.during))
        THEN CASE
          WHEN deal.closed_on < lower(chosen.during)
            AND lower(chosen.during) - deal.closed_on <= upper(chosen.during) - lower(chosen.during) THEN 1
        END
      END)
  ) AS counted (figure, value)
  WHERE counted.value IS NOT NULL AND deal.asked > 0;
END;
COMMENT ON FUNCTION loss_reason_evidence(timestamptz, text, daterange, jsonb) IS
'The lost deals that loss_reason counts, those of the period before with lost_before; at: the day of the loss';
