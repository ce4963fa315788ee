/** The id of {@linkcode EACH_SCAN}. */
export const EACH_SCAN_ID = "00000000-0000-4000-8000-000000000013";

/** A detection that finds something new in each scan of a live host. */
export const EACH_SCAN = `---
id: ${EACH_SCAN_ID}
title: Each scan
description: A detection of a test.
status: test
severity: medium
platforms: [linux]
identity: [number]
---
SELECT :scan_id AS number FROM processes WHERE pid = 1
`;
