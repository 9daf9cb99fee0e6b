// For scripts/lines: commands that tests start leave behind what they executed, in the folder that this names.
// Set here, the variable is not seen by the process that runs the tests.
const folder = process.env.PAGEWALK_COVERAGE;
if (folder !== undefined) process.env.NODE_V8_COVERAGE = folder;
