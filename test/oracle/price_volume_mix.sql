-- price_volume_mix() in plain SQL: slow, obvious, and right.
CREATE SCHEMA IF NOT EXISTS oracle;

-- METRICS.md's formulas, product by product; quotients have 100 digits after the point.  With q and p
-- a product's quantity and price, Q all quantities, s a product's share in them and P the mean
-- planned price: Q1 s1 is q1, which is written here so that Q1 = 0 needs no case of its own.
CREATE FUNCTION oracle.price_volume_mix_unrounded(planned_qty numeric[], planned_price numeric[], actual_qty numeric[], actual_price numeric[])
RETURNS salesmgmt.price_volume_mix_result
LANGUAGE sql
AS $$
  WITH product AS (
    SELECT coalesce(q0, 0) AS q0, coalesce(p0, 0) AS p0, coalesce(q1, 0) AS q1, coalesce(p1, 0) AS p1
    FROM unnest(planned_qty, planned_price, actual_qty, actual_price) AS u (q0, p0, q1, p1)
    WHERE q0 IS NOT NULL
    OR q1 IS NOT NULL
  ), total AS (
    SELECT sum(q0) AS q0, sum(q1) AS q1, sum(p0 * q0) AS amount, (sum(p0 * q0) + 0e-100) / sum(q0) AS p
    FROM product
    WHERE q0 <> 0
    AND q1 <> 0
  )
  SELECT coalesce((SELECT ((total.q1 - total.q0) * total.amount + 0e-100) / total.q0 FROM total), 0),
    coalesce((SELECT sum((product.q1 - (product.q0 + 0e-100) / total.q0 * total.q1) * (product.p0 - total.p))
              FROM product, total
              WHERE product.q0 <> 0
              AND product.q1 <> 0), 0),
    coalesce(sum((p1 - p0) * q1) FILTER (WHERE q0 <> 0 AND q1 <> 0), 0),
    coalesce(sum(p1 * q1) FILTER (WHERE q0 = 0 AND q1 <> 0), 0),
    coalesce(-sum(p0 * q0) FILTER (WHERE q0 <> 0 AND q1 = 0), 0),
    sum(p1 * q1) - sum(p0 * q0)
  FROM product
  HAVING count(*) > 0
$$;

-- Volume is rounded to the scale of the amounts, at least to cents; mix is what is left.
CREATE FUNCTION oracle.price_volume_mix(planned_qty numeric[], planned_price numeric[], actual_qty numeric[], actual_price numeric[])
RETURNS salesmgmt.price_volume_mix_result
LANGUAGE sql
AS $$
  WITH amount AS (
    SELECT greatest(2, max(scale(p0 * q0)) FILTER (WHERE q0 <> 0), max(scale(p1 * q1)) FILTER (WHERE q1 <> 0),
        max(scale(p0 * q1)) FILTER (WHERE q0 <> 0 AND q1 <> 0)) AS scale
    FROM unnest(planned_qty, planned_price, actual_qty, actual_price) AS u (q0, p0, q1, p1)
  ), rounded AS (
    SELECT round(volume, scale) AS volume, round(price, scale) AS price, round(new, scale) AS new,
      round(lost, scale) AS lost, round(total, scale) AS total
    FROM amount, oracle.price_volume_mix_unrounded(planned_qty, planned_price, actual_qty, actual_price)
    WHERE total IS NOT NULL
  )
  SELECT volume, total - volume - price - new - lost, price, new, lost, total
  FROM rounded
$$;
