/** Where the toolkit is checked out on GitHub. */
export interface ToolkitSource {
  /** `owner/name`. */
  readonly repository: string;
  /** Commit, tag or branch. */
  readonly ref: string;
}

/** Where the workflow looks when it is not told: variables of the repository on GitHub. */
export const FROM_VARIABLES: ToolkitSource = {
  repository: "${{ vars.DAEMONEYE_REPOSITORY }}",
  ref: "${{ vars.DAEMONEYE_REF }}",
};

/** Tag v4.2.2; a tag can be moved, a commit cannot. */
const CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2";

/** A workflow that runs the toolkit's action on the repository. */
export function workflow({ repository, ref }: ToolkitSource): string {
  return `name: detections
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  detections:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: ${CHECKOUT}
        with:
          persist-credentials: false
      - name: Check out the toolkit
        uses: ${CHECKOUT}
        with:
          repository: ${repository}
          ref: ${ref}
          path: .daemoneye
          persist-credentials: false
      - uses: ./.daemoneye
        with:
          path: .
          fail-on: warning
          permissions: lock
`;
}
