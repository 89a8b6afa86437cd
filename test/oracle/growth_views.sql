-- The reports on campaigns and growth again, in plain SQL: a deal, a booking, an account at a time.
-- They read the book that search_path names, and build on test/oracle/clients_views.sql.

-- ---- campaigns ----
CREATE FUNCTION oracle.local_day(at timestamptz) RETURNS date
LANGUAGE sql STABLE
AS $$ SELECT oracle.today(at) $$;

-- the campaign a deal came of: named last, or else attended or enquired about last
CREATE FUNCTION oracle.campaign_of(deal bigint, as_of timestamptz, days int) RETURNS bigint
LANGUAGE plpgsql STABLE
AS $$
DECLARE
  o record;
  found_id bigint;
BEGIN
  SELECT * INTO o FROM opportunity WHERE opportunity_id = deal;
  IF o.created_at > as_of THEN
    RETURN NULL;
  END IF;
  SELECT campaign_id INTO found_id
  FROM campaign_response
  WHERE opportunity_id = deal AND responded_at <= as_of
  ORDER BY responded_at DESC, campaign_response_id DESC LIMIT 1;
  IF FOUND THEN
    RETURN found_id;
  END IF;
  SELECT campaign_id INTO found_id
  FROM campaign_response
  WHERE account_id = o.account_id AND kind IN ('attended', 'enquired') AND responded_at <= as_of
    AND oracle.local_day(o.created_at) >= oracle.local_day(responded_at)
    AND oracle.local_day(o.created_at) <= oracle.local_day(responded_at) + days
  ORDER BY responded_at DESC, campaign_response_id DESC LIMIT 1;
  RETURN found_id;
END $$;

-- whether an account was first met at a campaign
CREATE FUNCTION oracle.met_at(account bigint, campaign bigint, as_of timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
DECLARE
  part record;
  reached date;
BEGIN
  SELECT * INTO part FROM campaign_response
  WHERE account_id = account AND kind IN ('attended', 'enquired') AND responded_at <= as_of
  ORDER BY responded_at, campaign_response_id LIMIT 1;
  IF NOT FOUND OR part.campaign_id <> campaign THEN
    RETURN false;
  END IF;
  reached := (SELECT oracle.local_day(min(responded_at)) FROM campaign_response WHERE account_id = account AND campaign_id = campaign);
  RETURN NOT EXISTS (SELECT FROM account AS a WHERE a.account_id = account AND (prospect_since < reached OR client_since < reached))
    AND NOT EXISTS (SELECT FROM opportunity AS o WHERE o.account_id = account AND oracle.local_day(created_at) < reached)
    AND NOT EXISTS (SELECT FROM activity AS a WHERE a.account_id = account AND oracle.local_day(held_at) < reached);
END $$;

-- deals of the random book have two changes at most: opened, and won or lost
CREATE FUNCTION oracle.won(deal bigint, as_of timestamptz) RETURNS boolean
LANGUAGE sql STABLE
AS $$
  SELECT EXISTS (SELECT FROM opportunity_change c JOIN stage s USING (stage_id)
    WHERE c.opportunity_id = deal AND c.changed_at <= as_of AND s.outcome = 'won')
$$;
CREATE FUNCTION oracle.amount(deal bigint) RETURNS numeric
LANGUAGE sql STABLE
AS $$ SELECT amount FROM opportunity_change WHERE opportunity_id = deal ORDER BY changed_at LIMIT 1 $$;

CREATE FUNCTION oracle.campaign_return(as_of timestamptz, days int) RETURNS TABLE (
  campaign text, attended bigint, attendees bigint, new_accounts bigint, deals bigint, won bigint, won_amount numeric, cost numeric)
LANGUAGE sql STABLE
AS $$
  SELECT c.code,
    (SELECT count(*) FROM campaign_response r WHERE r.campaign_id = c.campaign_id AND r.kind = 'attended' AND r.responded_at <= as_of),
    coalesce((SELECT sum(guests) FROM campaign_response r WHERE r.campaign_id = c.campaign_id AND r.kind = 'attended' AND r.responded_at <= as_of), 0)::bigint,
    (SELECT count(*) FROM account a WHERE oracle.met_at(a.account_id, c.campaign_id, as_of)),
    (SELECT count(*) FROM opportunity o WHERE oracle.campaign_of(o.opportunity_id, as_of, days) = c.campaign_id),
    (SELECT count(*) FROM opportunity o WHERE oracle.campaign_of(o.opportunity_id, as_of, days) = c.campaign_id AND oracle.won(o.opportunity_id, as_of)),
    coalesce((SELECT sum(oracle.amount(o.opportunity_id)) FROM opportunity o
      WHERE oracle.campaign_of(o.opportunity_id, as_of, days) = c.campaign_id AND oracle.won(o.opportunity_id, as_of)), 0),
    CASE WHEN lower(c.during) <= oracle.today(as_of) THEN c.cost END
  FROM campaign c
  WHERE lower(c.during) <= oracle.today(as_of)
    OR EXISTS (SELECT FROM campaign_response r WHERE r.campaign_id = c.campaign_id AND r.responded_at <= as_of)
$$;

-- ---- growth ----
-- what of a booking is credited to a leader's people
CREATE FUNCTION oracle.part(booking bigint, leader bigint, day date) RETURNS numeric
LANGUAGE sql STABLE
AS $$
  SELECT CASE
    WHEN leader IS NULL THEN b.amount
    WHEN EXISTS (SELECT FROM booking_credit c WHERE c.booking_id = b.booking_id)
      THEN (SELECT coalesce(sum(b.amount * c.share), 0) FROM booking_credit c WHERE c.booking_id = b.booking_id AND oracle.leads(leader, c.person_id, day))
    WHEN oracle.leads(leader, b.person_id, day) THEN b.amount
    ELSE 0 END
  FROM booking b WHERE b.booking_id = booking
$$;

CREATE FUNCTION oracle.client_from(account bigint, until date) RETURNS date
LANGUAGE sql STABLE
AS $$
  SELECT coalesce(
    (SELECT client_since FROM account a WHERE a.account_id = account AND client_since < until),
    least((SELECT min(booked_on) FROM booking b WHERE b.account_id = account),
      (SELECT min(day) FROM balance b WHERE b.account_id = account AND b.balance <> 0)))
$$;

CREATE FUNCTION oracle.growth_from(account bigint, product bigint, since date, until date, days int) RETURNS text
LANGUAGE sql STABLE
AS $$
  SELECT CASE
    WHEN oracle.client_from(account, until) >= since THEN 'new_accounts'
    WHEN account IS NOT NULL AND EXISTS (SELECT FROM product p WHERE p.product_id = product AND p.introduced_on > since - days AND p.introduced_on < until) THEN 'new_products'
    ELSE 'existing_accounts' END
$$;

-- growth of both measures between two windows of equal length, found day by day
CREATE FUNCTION oracle.growth(as_of timestamptz, leader bigint, since date, until date, days int) RETURNS TABLE (
  measure text, growth_from text, segment_id bigint, amount numeric, previous numeric)
LANGUAGE sql STABLE
AS $$
  SELECT 'bookings', oracle.growth_from(b.account_id, b.product_id, since, until, days), a.segment_id,
    CASE WHEN b.booked_on >= since THEN oracle.part(b.booking_id, leader, oracle.today(as_of)) ELSE 0 END,
    CASE WHEN b.booked_on < since THEN oracle.part(b.booking_id, leader, oracle.today(as_of)) ELSE 0 END
  FROM booking b
  LEFT JOIN account a ON a.account_id = b.account_id
  WHERE b.booked_on >= since - (until - since) AND b.booked_on < until
  UNION ALL
  SELECT 'balance', oracle.growth_from(b.account_id, b.product_id, since, until, days), a.segment_id,
    oracle.holds(b.account_id, b.product_id, until - 1), oracle.holds(b.account_id, b.product_id, since - 1)
  FROM (SELECT DISTINCT account_id, product_id FROM balance) b
  JOIN account a ON a.account_id = b.account_id
  WHERE leader IS NULL OR oracle.leads(leader, oracle.last_owner(b.account_id, since, until), oracle.today(as_of))
$$;

CREATE FUNCTION oracle.product_range(as_of timestamptz, since date, until date) RETURNS TABLE (person_id bigint, families bigint)
LANGUAGE sql STABLE
AS $$
  SELECT p.person_id, count(*)
  FROM person p
  CROSS JOIN (SELECT DISTINCT family FROM product WHERE family IS NOT NULL) f
  WHERE (
    SELECT sum(CASE WHEN EXISTS (SELECT FROM booking_credit c WHERE c.booking_id = b.booking_id)
      THEN b.amount * coalesce((SELECT share FROM booking_credit c WHERE c.booking_id = b.booking_id AND c.person_id = p.person_id), 0)
      WHEN b.person_id = p.person_id THEN b.amount ELSE 0 END)
    FROM booking b JOIN product i USING (product_id)
    WHERE i.family = f.family AND b.booked_on >= since AND b.booked_on < until) > 0
  GROUP BY p.person_id
$$;

-- families that a client bought in a span, holds on its last day, and either; and those there were to sell
CREATE FUNCTION oracle.product_range_by_account(as_of timestamptz, asked bigint, since date, until date) RETURNS TABLE (
  account_id bigint, person_id bigint, bought bigint, held bigint, families bigint, offered bigint)
LANGUAGE sql STABLE
AS $$
  SELECT a.account_id, oracle.owner(a.account_id, until - 1), sum(f.bought::int), sum(f.held::int), sum((f.bought OR f.held)::int),
    (SELECT count(DISTINCT family) FROM product WHERE coalesce(introduced_on < until, true))
  FROM account AS a
  CROSS JOIN LATERAL (
    SELECT
      (SELECT coalesce(sum(b.amount), 0) FROM booking AS b JOIN product AS p USING (product_id)
       WHERE b.account_id = a.account_id AND p.family = family.name AND b.booked_on >= since AND b.booked_on < until) > 0 AS bought,
      (SELECT coalesce(sum(oracle.holds(a.account_id, p.product_id, until - 1)), 0) FROM product AS p WHERE p.family = family.name) > 0 AS held
    FROM (SELECT DISTINCT family FROM product WHERE family IS NOT NULL) AS family (name)
  ) AS f
  WHERE oracle.is_client(a.account_id, until - 1)
    AND (asked IS NULL OR oracle.leads(asked, oracle.owner(a.account_id, until - 1), oracle.today(as_of)))
  GROUP BY a.account_id
$$;

-- kept and new clients of a person's own
CREATE FUNCTION oracle.sides(since date, until date) RETURNS TABLE (person_id bigint, opening bigint, kept bigint, new bigint)
LANGUAGE sql STABLE
AS $$
  SELECT person_id, sum(opening)::bigint, sum(kept)::bigint, sum(new)::bigint
  FROM (
    SELECT owner_id AS person_id, 1 AS opening, (NOT lost)::int AS kept, 0 AS new FROM oracle.opening(since, until)
    UNION ALL
    SELECT (SELECT o.person_id FROM generate_series(since, until - 1, interval '1 day') AS d
        JOIN account_owner o ON o.account_id = a.account_id AND o.during @> d::date ORDER BY d DESC LIMIT 1), 0, 0, 1
    FROM account a WHERE a.client_since >= since AND a.client_since < until
  ) AS each
  GROUP BY person_id
$$;

-- what the clients of each person hold, and of each leader's people on the last day, at three moments
CREATE FUNCTION oracle.balance_growth(as_of timestamptz, asked bigint, since date, until date) RETURNS TABLE (
  person_id bigint, scope text, family text, before numeric, opening numeric, closing numeric, clients bigint)
LANGUAGE sql STABLE
AS $$
  WITH held AS MATERIALIZED (
    SELECT oracle.last_owner(b.account_id, since, until) AS owner_id, b.account_id, p.family,
      oracle.holds(b.account_id, b.product_id, since - (until - since) - 1) AS before,
      oracle.holds(b.account_id, b.product_id, since - 1) AS opening,
      oracle.holds(b.account_id, b.product_id, until - 1) AS closing
    FROM (SELECT DISTINCT account_id, product_id FROM balance) AS b
    LEFT JOIN product AS p ON p.product_id = b.product_id
  ),
  who AS (
    SELECT DISTINCT owner_id AS person_id, 'own' AS scope FROM held
    UNION ALL
    SELECT p.person_id, 'team' FROM person AS p
    WHERE EXISTS (SELECT FROM reporting_line AS l WHERE l.manager_id = p.person_id AND l.during @> until - 1)
  )
  SELECT who.person_id, who.scope, held.family, sum(held.before), sum(held.opening), sum(held.closing),
    count(DISTINCT held.account_id) FILTER (WHERE held.closing <> 0)
  FROM who
  JOIN held ON CASE who.scope WHEN 'own' THEN held.owner_id IS NOT DISTINCT FROM who.person_id
    ELSE oracle.leads(who.person_id, held.owner_id, until - 1) END
  WHERE asked IS NULL OR oracle.leads(asked, who.person_id, oracle.today(as_of))
  GROUP BY who.person_id, who.scope, held.family
$$;

-- ---- referrals ----
CREATE FUNCTION oracle.lost(deal bigint, as_of timestamptz) RETURNS boolean
LANGUAGE sql STABLE
AS $$
  SELECT EXISTS (SELECT FROM opportunity_change c JOIN stage s USING (stage_id)
    WHERE c.opportunity_id = deal AND c.changed_at <= as_of AND s.outcome = 'lost')
$$;

CREATE FUNCTION oracle.referral(as_of timestamptz, asked bigint, since date, until date) RETURNS TABLE (
  person_id bigint, account_id bigint, referrals bigint, last_at timestamptz, won bigint, lost bigint, open_deals bigint, won_amount numeric)
LANGUAGE sql STABLE
AS $$
  SELECT deal.owner_id, deal.referred_by, count(*), max(deal.created_at), sum(deal.won::int), sum(deal.lost::int),
    sum((NOT deal.won AND NOT deal.lost)::int), sum(CASE WHEN deal.won THEN deal.amount ELSE 0 END)
  FROM (
    SELECT oracle.owner(o.referred_by, oracle.local_day(o.created_at)) AS owner_id, o.referred_by, o.created_at,
      oracle.won(o.opportunity_id, as_of) AS won, oracle.lost(o.opportunity_id, as_of) AS lost, oracle.amount(o.opportunity_id) AS amount
    FROM opportunity AS o
    WHERE o.referred_by IS NOT NULL
      AND o.created_at <= as_of
      AND (since IS NULL OR oracle.local_day(o.created_at) >= since AND oracle.local_day(o.created_at) < until)
  ) AS deal
  WHERE asked IS NULL OR oracle.leads(asked, deal.owner_id, oracle.today(as_of))
  GROUP BY deal.owner_id, deal.referred_by
$$;
