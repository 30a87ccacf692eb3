import { startPython } from './python.js'
