/** A running execution of the library. */
export interface Execution {
  readonly result: Promise<unknown>;
  readonly eventLogs: AsyncIterable<{ readonly type: string; readonly state?: { readonly input: unknown } }>;
  abort(): void;
}

/** What is used of aws-local-stepfunctions. */
export interface StepFunctions {
  readonly StateMachine: new (
    definition: object,
    options: { readonly validationOptions: { readonly checkArn: boolean } },
  ) => { run(input: unknown, options: object): Execution };
}

/** Loads aws-local-stepfunctions, which on Node 20 lacks a function that came with Node 22. */
export async function loadStepFunctions(): Promise<StepFunctions> {
  if (!("withResolvers" in Promise)) Object.defineProperty(Promise, "withResolvers", { value: withResolvers });
  // Its types say less than is used here.
  const loaded: unknown = await import("aws-local-stepfunctions");
  if (!isStepFunctions(loaded)) throw new Error("aws-local-stepfunctions has no StateMachine");
  return loaded;
}

function isStepFunctions(loaded: unknown): loaded is StepFunctions {
  return typeof loaded === "object" && loaded !== null && "StateMachine" in loaded;
}

function withResolvers(): object {
  let settle: object = {};
  const promise = new Promise((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}
