/* Every tool, in toolbar order: importing one registers it. */

import "./select";
import "./band";
import "./hand";
import "./rectangle";
import "./extreme";
import "./rotated";
import "./polygon";
import "./polyline";
import "./point";
import "./vertices";
import "./areas";
import "./brush";
import "./masks";
