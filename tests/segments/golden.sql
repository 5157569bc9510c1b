-- name: everybody
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL AND TRUE AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: stage
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND "t0"."stage" >= CAST(%(p0)s AS BIGINT)
  AND "t0"."stage" <= CAST(%(p1)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: synthetic
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND NOT (
    "t0"."synthetic"
  )
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: orders_within
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND (
    SELECT
      COUNT(*) AS "CountStar()"
    FROM (
      SELECT
        *
      FROM "orders" AS "t1"
      WHERE
        "t1"."customer_id" = "t0"."id"
        AND "t1"."state" = 'paid'
        AND "t1"."paid_at" > (
          CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p0)s AS INTERVAL SECOND)
        )
        AND "t1"."paid_at" <= CAST(%(now)s AS TIMESTAMPTZ)
        AND "t1"."shop" = %(p1)s
    ) AS "t2"
  ) >= CAST(%(p2)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: orders_of_sku
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND (
    SELECT
      COUNT(*) AS "CountStar()"
    FROM (
      SELECT
        *
      FROM "orders" AS "t1"
      WHERE
        "t1"."customer_id" = "t0"."id"
        AND "t1"."state" = 'paid'
        AND COALESCE(
          (
            SELECT
              SUM("t6"."quantity") AS "Sum(quantity)"
            FROM (
              SELECT
                *
              FROM "order_item" AS "t4"
              WHERE
                "t4"."order_id" = "t1"."id" AND "t4"."sku" = %(p0)s
            ) AS "t6"
          ),
          0
        ) > COALESCE(
          (
            SELECT
              SUM("t8"."quantity") AS "Sum(quantity)"
            FROM (
              SELECT
                *
              FROM "refund" AS "t2"
              WHERE
                "t2"."order_id" = "t1"."id"
                AND "t2"."sku" IN (
                  SELECT
                    "t5"."sku"
                  FROM "order_item" AS "t5"
                  WHERE
                    "t5"."order_id" = "t1"."id" AND "t5"."sku" = %(p0)s
                )
            ) AS "t8"
          ),
          0
        )
    ) AS "t11"
  ) >= CAST(%(p1)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: orders_of_category_cancelled
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND (
    SELECT
      COUNT(*) AS "CountStar()"
    FROM (
      SELECT
        *
      FROM "orders" AS "t1"
      WHERE
        "t1"."customer_id" = "t0"."id"
        AND "t1"."state" = 'cancelled'
        AND (
          SELECT
            COUNT(*) AS "CountStar()"
          FROM (
            SELECT
              *
            FROM "order_item" AS "t3"
            WHERE
              "t3"."order_id" = "t1"."id" AND "t3"."category" = %(p0)s
          ) AS "t4"
        ) > 0
    ) AS "t6"
  ) >= CAST(%(p1)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: spent
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND COALESCE(
    (
      SELECT
        SUM("t4"."value") AS "Sum(value)"
      FROM (
        SELECT
          (
            "t1"."total_minor" - "t1"."refunded_minor"
          ) * CASE WHEN "t1"."currency" = 'JPY' THEN 100 ELSE 1 END AS "value"
        FROM "orders" AS "t1"
        WHERE
          "t1"."customer_id" = "t0"."id"
          AND "t1"."state" = 'paid'
          AND "t1"."paid_at" > (
            CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p0)s AS INTERVAL SECOND)
          )
          AND "t1"."paid_at" <= CAST(%(now)s AS TIMESTAMPTZ)
          AND "t1"."currency" = (
            SELECT
              "t2"."currency"
            FROM "brand" AS "t2"
          )
      ) AS "t4"
    ),
    0
  ) >= CAST(%(p1)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: spent_in_yen
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND COALESCE(
    (
      SELECT
        SUM("t2"."value") AS "Sum(value)"
      FROM (
        SELECT
          (
            "t1"."total_minor" - "t1"."refunded_minor"
          ) * CASE WHEN "t1"."currency" = 'JPY' THEN 100 ELSE 1 END AS "value"
        FROM "orders" AS "t1"
        WHERE
          "t1"."customer_id" = "t0"."id"
          AND "t1"."state" = 'paid'
          AND "t1"."currency" = %(p0)s
      ) AS "t2"
    ),
    0
  ) >= CAST(%(p1)s AS BIGINT)
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: friend
SELECT
  "t3"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "friendship" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        ) AND (
          "t1"."state" = 'live'
        )
    )
) AS "t3"
WHERE
  "t3"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: tag
SELECT
  "t3"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "tag" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        ) AND (
          "t1"."name" = %(p0)s
        )
    )
) AS "t3"
WHERE
  "t3"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: tag_older
SELECT
  "t3"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND EXISTS(
      SELECT
        1
      FROM "tag" AS "t1"
      WHERE
        (
          "t1"."customer_id" = "t0"."id"
        )
        AND (
          "t1"."name" = %(p0)s
        )
        AND (
          "t1"."tagged_at" <= (
            CAST(%(now)s AS TIMESTAMPTZ) - CAST(%(p1)s AS INTERVAL SECOND)
          )
        )
    )
) AS "t3"
WHERE
  "t3"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: consent
SELECT
  "t0"."id"
FROM "customer" AS "t0"
WHERE
  "t0"."merged_into" IS NULL
  AND (
    SELECT
      MAX("t2"."changed_at") AS "Max(changed_at)"
    FROM (
      SELECT
        *
      FROM "consent" AS "t1"
      WHERE
        "t1"."customer_id" = "t0"."id"
        AND "t1"."channel" = %(p0)s
        AND "t1"."purpose" = %(p1)s
        AND "t1"."state" = 'given'
    ) AS "t2"
  ) IS NOT NULL
  AND (
    (
      (
        SELECT
          MAX("t3"."changed_at") AS "Max(changed_at)"
        FROM (
          SELECT
            *
          FROM "consent" AS "t1"
          WHERE
            "t1"."customer_id" = "t0"."id"
            AND "t1"."channel" = %(p0)s
            AND "t1"."purpose" = %(p1)s
            AND "t1"."state" = 'withdrawn'
        ) AS "t3"
      ) IS NULL
    )
    OR (
      (
        SELECT
          MAX("t2"."changed_at") AS "Max(changed_at)"
        FROM (
          SELECT
            *
          FROM "consent" AS "t1"
          WHERE
            "t1"."customer_id" = "t0"."id"
            AND "t1"."channel" = %(p0)s
            AND "t1"."purpose" = %(p1)s
            AND "t1"."state" = 'given'
        ) AS "t2"
      ) > (
        SELECT
          MAX("t3"."changed_at") AS "Max(changed_at)"
        FROM (
          SELECT
            *
          FROM "consent" AS "t1"
          WHERE
            "t1"."customer_id" = "t0"."id"
            AND "t1"."channel" = %(p0)s
            AND "t1"."purpose" = %(p1)s
            AND "t1"."state" = 'withdrawn'
        ) AS "t3"
      )
    )
  )
  AND "t0"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

-- name: a_tree
SELECT
  "t5"."id"
FROM (
  SELECT
    *
  FROM "customer" AS "t0"
  WHERE
    "t0"."merged_into" IS NULL
    AND (
      (
        EXISTS(
          SELECT
            1
          FROM "friendship" AS "t1"
          WHERE
            (
              "t1"."customer_id" = "t0"."id"
            ) AND (
              "t1"."state" = 'live'
            )
        )
        AND NOT (
          EXISTS(
            SELECT
              1
            FROM "tag" AS "t2"
            WHERE
              (
                "t2"."customer_id" = "t0"."id"
              ) AND (
                "t2"."name" = %(p0)s
              )
          )
        )
      )
      OR (
        (
          "t0"."stage" >= CAST(%(p1)s AS BIGINT)
        )
        AND (
          "t0"."stage" <= CAST(%(p2)s AS BIGINT)
        )
      )
    )
) AS "t5"
WHERE
  "t5"."id" = ANY(CAST(%(ids)s AS BIGINT[]));

