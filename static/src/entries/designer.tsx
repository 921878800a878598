/* Entry of the builder of label templates. */

import "../site/site.css";
