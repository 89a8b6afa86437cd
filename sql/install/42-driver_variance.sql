-- driver_variance: the variance of a product, split over its factors.

CREATE TYPE salesmgmt.driver_variance_result AS (
  contributions float8[],
  total float8
);

COMMENT ON TYPE driver_variance_result IS
'Result of driver_variance(): what each factor adds to the variance of their product';
COMMENT ON COLUMN driver_variance_result.contributions IS
'Part of each factor in the total, in the unit of the product, in the order of the arguments';
COMMENT ON COLUMN driver_variance_result.total IS
'Product of the actual factors - product of the planned ones: the sum of the contributions';

CREATE FUNCTION driver_variance(planned float8[], actual float8[])
RETURNS driver_variance_result
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'driver_variance';

COMMENT ON FUNCTION driver_variance(float8[], float8[]) IS
'Splits the variance of a product, such as meetings × win rate × deal size, over its factors (log-mean Divisia): which one missed the plan';
