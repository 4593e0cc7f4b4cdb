/** Name of the variable with the folder of the sheds that a run of all tests fills once; where it is not set each test fills its own. */
export const SHEDS_PLACE = 'MACADAM_TEST_SHEDS';
