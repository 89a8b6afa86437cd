-- How much money the pipeline brings a day, if it goes on as it did.

CREATE FUNCTION sales_velocity(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, open_deals int8, open_qualified int8,
  won int8, closed int8, win_rate float8, won_amount numeric, won_with_amount int8, deal_size numeric,
  average_cycle_days float8, velocity numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today,
      coalesce(sales_velocity.during, daterange(today.today - 364, today.today + 1)) AS during
    FROM settings(sales_velocity.options, sales_velocity.as_of) AS given (options)
    CROSS JOIN LATERAL book_date(sales_velocity.as_of, given.options) AS today (today)
  ),
  -- materialized: the settings, a kilobyte, stay out of the rows, and owners are counted without a sort
  open AS MATERIALIZED (
    SELECT deal.owner_id, step.step >= (chosen.options ->> 'qualified_step')::numeric AS is_qualified
    FROM chosen
    CROSS JOIN open_deal(sales_velocity.as_of) AS deal
    JOIN stage_step() AS step ON step.stage_id = deal.stage_id
  ),
  closed AS MATERIALIZED (
    SELECT deal.owner_id, deal.won, deal.amount,
      deal.closed_on - book_date(deal.created_at, chosen.options) AS cycle_days
    FROM chosen
    CROSS JOIN LATERAL closed_deal(sales_velocity.as_of, chosen.options, chosen.during) AS deal
  ),
  counted AS (
    SELECT part.owner_id, sum(part.open_deals)::int8 AS open_deals, sum(part.open_qualified)::int8 AS open_qualified,
      sum(part.won)::int8 AS won, sum(part.closed)::int8 AS closed, sum(part.won_amount) AS won_amount,
      sum(part.won_with_amount)::int8 AS won_with_amount, sum(part.cycle_days) AS cycle_days
    FROM (
      SELECT open.owner_id, count(*) AS open_deals, count(*) FILTER (WHERE open.is_qualified) AS open_qualified,
        0 AS won, 0 AS closed, 0 AS won_amount, 0 AS won_with_amount, 0 AS cycle_days
      FROM open
      GROUP BY open.owner_id
      UNION ALL
      SELECT closed.owner_id, 0, 0, count(*) FILTER (WHERE closed.won), count(*),
        coalesce(sum(closed.amount) FILTER (WHERE closed.won), 0), count(closed.amount) FILTER (WHERE closed.won),
        coalesce(sum(closed.cycle_days) FILTER (WHERE closed.won), 0)
      FROM closed
      GROUP BY closed.owner_id
    ) AS part
    WHERE sales_velocity.person IS NULL
      OR part.owner_id IN (
        SELECT who.person_id
        FROM chosen
        CROSS JOIN LATERAL report_on(sales_velocity.person, chosen.today) AS who)
    GROUP BY part.owner_id
  )
  SELECT rep.code, rep.name, counted.open_deals, counted.open_qualified,
    counted.won, counted.closed, counted.won::float8 / nullif(counted.closed, 0),
    counted.won_amount, counted.won_with_amount, counted.won_amount / nullif(counted.won_with_amount, 0),
    counted.cycle_days::float8 / nullif(counted.won, 0),
    -- open qualified x average won x won / closed / (cycle days / won), divided once
    CASE WHEN counted.cycle_days > 0
      THEN counted.open_qualified * counted.won_amount * counted.won * counted.won
        / nullif(counted.won_with_amount::numeric * counted.closed * counted.cycle_days, 0)
    END
  FROM counted
  LEFT JOIN person AS rep ON rep.person_id = counted.owner_id
  ORDER BY rep.code;
END;
COMMENT ON FUNCTION sales_velocity(timestamptz, text, daterange, jsonb) IS
'Open qualified deals x average won deal x win rate / average cycle, by rep; during: the day of the close of what is averaged, by default in the 365 days up to as_of; person: the owner now, of a closed deal the owner at the close';

CREATE VIEW sales_velocity WITH (security_invoker) AS
SELECT person, person_name, open_deals, open_qualified, won, closed, win_rate, won_amount::numeric(20,4), won_with_amount,
  deal_size::numeric(20,4), average_cycle_days, velocity::numeric(20,4)
FROM sales_velocity();
COMMENT ON VIEW sales_velocity IS 'How much money does each rep''s pipeline bring a day, and which of its four levers is short?';
COMMENT ON COLUMN sales_velocity.person IS 'Code of the owner; empty where nobody owned the deals';
COMMENT ON COLUMN sales_velocity.person_name IS 'Name of the owner';
COMMENT ON COLUMN sales_velocity.open_deals IS 'Open deals';
COMMENT ON COLUMN sales_velocity.open_qualified IS 'Of these, deals in step qualified_step of their pipeline or later';
COMMENT ON COLUMN sales_velocity.won IS 'Deals won in the last 365 days';
COMMENT ON COLUMN sales_velocity.closed IS 'Deals won or lost in the last 365 days';
COMMENT ON COLUMN sales_velocity.win_rate IS 'won / closed, 0..1';
COMMENT ON COLUMN sales_velocity.won_amount IS 'Value of the deals won, by the last amount before the close';
COMMENT ON COLUMN sales_velocity.won_with_amount IS 'Deals won that have an amount';
COMMENT ON COLUMN sales_velocity.deal_size IS 'won_amount / won_with_amount';
COMMENT ON COLUMN sales_velocity.average_cycle_days IS 'Mean days from the creation of a won deal to its close';
COMMENT ON COLUMN sales_velocity.velocity IS 'Money a day: open_qualified x deal_size x win_rate / average_cycle_days';
