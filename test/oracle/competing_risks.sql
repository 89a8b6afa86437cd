-- The plain-SQL twin of competing_risks(): slow, obvious, and right.
CREATE SCHEMA IF NOT EXISTS oracle;

-- At every age at which deals were decided: who was at risk, who was won and lost, and what
-- was open before and after.  The incidence is the sum of its steps, the variance that of
-- Aalen (1978) term by term, the interval its log(-log) form.
CREATE FUNCTION oracle.competing_risks(days float8[], outcome boolean[], z float8, horizon float8)
RETURNS TABLE (day float8, at_risk int8, won int8, lost int8, won_incidence float8, won_variance float8,
  won_lower float8, won_upper float8, lost_incidence float8, open_share float8)
LANGUAGE sql
AS $$
  WITH RECURSIVE deal AS (
    SELECT d.days, d.outcome FROM unnest(days, outcome) AS d (days, outcome) WHERE d.days IS NOT NULL
  ),
  decision AS (
    SELECT row_number() OVER (ORDER BY age) AS k, age,
      (SELECT count(*) FROM deal WHERE deal.days >= age)::float8 AS n,
      (SELECT count(*) FROM deal WHERE deal.days = age AND deal.outcome)::float8 AS won,
      (SELECT count(*) FROM deal WHERE deal.days = age AND NOT deal.outcome)::float8 AS lost
    FROM (SELECT DISTINCT deal.days AS age FROM deal WHERE deal.outcome IS NOT NULL AND deal.days <= coalesce(horizon, 'Infinity')) AS ages
  ),
  estimate AS (
    SELECT 0::int8 AS k, 1::float8 AS before, 1::float8 AS after, 0::float8 AS win, 0::float8 AS loss
    UNION ALL
    SELECT d.k, e.after, e.after * (d.n - d.won - d.lost) / d.n, e.win + e.after * d.won / d.n, e.loss + e.after * d.lost / d.n
    FROM estimate AS e
    JOIN decision AS d ON d.k = e.k + 1
  ),
  step AS (
    SELECT k, age, n, d.won, d.lost, before, after, win, loss,
      before ^ 2 * d.won / n ^ 2 * CASE WHEN d.won > 1 THEN (n - d.won) / (n - 1) ELSE 1 END AS win_part,
      before ^ 2 * d.lost / n ^ 2 * CASE WHEN d.lost > 1 THEN (n - d.lost) / (n - 1) ELSE 1 END AS loss_part
    FROM estimate
    JOIN decision AS d USING (k)
  ),
  with_variance AS (
    SELECT step.*, (
        SELECT sum(s.win_part * (1 - CASE WHEN s.after > 0 THEN (step.win - s.win) / s.after ELSE 0 END) ^ 2
          + s.loss_part * (CASE WHEN s.after > 0 THEN (step.win - s.win) / s.after ELSE 0 END) ^ 2)
        FROM step AS s
        WHERE s.k <= step.k
      ) AS variance
    FROM step
  )
  SELECT age, n::int8, v.won::int8, v.lost::int8, win, variance,
    CASE WHEN win > 0 AND win < 1 - 1e-12
      THEN exp(greatest(ln(win) * exp(least(z * sqrt(variance) / (win * -ln(win)), 100)), -700)) END,
    CASE WHEN win > 0 AND win < 1 - 1e-12
      THEN exp(ln(win) * exp(greatest(-z * sqrt(variance) / (win * -ln(win)), -700))) END,
    loss, after
  FROM with_variance AS v
  ORDER BY k
$$;
