/* Every tool, in toolbar order: importing one registers it. */

import "./select";
import "./hand";
import "./rectangle";
import "./polygon";
import "./polyline";
import "./vertices";
import "./areas";
