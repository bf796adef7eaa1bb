// `build.ts <outfile>`: the bundle, to look into a seed by hand.
import { bundleSimulation } from './bundle.js';

await bundleSimulation(process.argv[2] ?? 'dist/simulation.mjs');
